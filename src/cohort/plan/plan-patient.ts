import { basename, join } from 'node:path';
import { fail, refuse } from '../../base/errors.js';
import { isSameFile, protectScans, requireReplaceable } from '../../base/protected-inputs.node.js';
import { contentOfVolumeName, stemOfVolumeName } from '../../datasets/brats-name.js';
import { isMarkedSynthetic, sidecarOf } from '../../datasets/synthetic.node.js';
import { formatNamed, formatOfName, requireFileName, writtenEnding } from '../../imaging/formats/formats.js';
import type { VolumeSource } from '../../imaging/volume-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { mapKinds, mapPath } from '../output/disagreement-maps.js';
import { isOccupied } from '../output/existing-outputs.js';
import {
  type ChosenTranslation,
  scansOf,
  type TranslateSettings,
  type Translation,
} from '../translation-job.js';
import type { TranslationPlan } from '../translation-plan.js';
import { outputsOf, patientJob } from './patient-job.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * Plans the translations of one patient: a cohort of one.
 *
 * @param path the volume, or the patient's DICOM files; names the outputs
 * @throws UtadError bad-argument for what cannot be written, before anything is computed.
 */
export async function planPatient(
  path: string,
  chosen: readonly ChosenTranslation[],
  metadata: ModelMetadata,
  request: TranslationRequest,
): Promise<TranslationPlan> {
  const translations: Translation[] = [];
  for (const { one, out } of withOutputs(path, requireUseful(chosen, request), request)) {
    const notes = [...(one.notes ?? []), ...(await notesOn(one.from, one.source, metadata.model.modalities))];
    translations.push({ ...one, out, ...(notes.length > 0 ? { notes } : {}) });
  }
  const { mask } = request;
  const files = {
    id: stemOfVolumeName(basename(path)),
    modalities: {},
    ...(mask === undefined ? {} : { mask: { path: mask } }),
  };
  const job = patientJob(files, translations, [], metadata, request);
  await protectScans([path, ...scansOf(job.run)]);
  await requireFree(path, translations, request.settings);
  return { jobs: [job], untranslatable: [], complete: [] };
}

/** Without what the source is already: that is refused where it is asked for by name; `all` means all others. */
function requireUseful(
  chosen: readonly ChosenTranslation[],
  { to }: TranslationRequest,
): readonly ChosenTranslation[] {
  const useful = chosen.filter(({ target, source }) => target !== source);
  const same = chosen.find(({ target, source }) => target === source);
  if (typeof to !== 'string' && same !== undefined) {
    fail('bad-argument', {
      where: '--to',
      expected: `another modality than ${same.source}, which the volume is already`,
      got: chosen.map(({ target }) => target).join(','),
    });
  }
  if (useful.length > 0) return useful;
  return refuse('bad-argument', {
    where: `--to ${String(to)}`,
    problem: 'no modality is missing',
    todo: 'Name a modality, or use --to all.',
  });
}

/**
 * One modality by its name goes to the file or series `out`; several, or a file where `out` names a folder, into the folder
 * `out`, under names that no reader of data sets takes for scans.
 */
function withOutputs(
  path: string,
  chosen: readonly ChosenTranslation[],
  { to, out, settings: { format } }: TranslationRequest,
): readonly { readonly one: ChosenTranslation; readonly out: string }[] {
  const several = typeof to === 'string' || to.length > 1;
  if (several && formatOfName(out)?.kind === 'file')
    fail('bad-argument', { where: '--out', expected: 'a folder, for several volumes', got: out });
  if (several || (formatNamed(format).kind === 'file' && !basename(out).includes('.'))) {
    const stem = stemOfVolumeName(basename(path));
    const name = (target: string): string => `${stem}_${target}-synthetic${writtenEnding(format)}`;
    return chosen.map((one) => ({ one, out: join(out, name(one.target)) }));
  }
  requireFileName('--out', out, format);
  return chosen.map((one) => ({ one, out }));
}

/** What is doubtful about a source before it is read. */
async function notesOn(
  { path, series }: VolumeSource,
  source: string,
  modalities: readonly string[],
): Promise<readonly string[]> {
  const named = series === undefined ? contentOfVolumeName(basename(path)) : undefined;
  const contradicts = named !== undefined && named !== source && modalities.includes(named);
  return [
    ...((await isMarkedSynthetic(path)) ? ['it is synthetic itself, as the .json beside says'] : []),
    ...(contradicts ? [`its name says ${named}; it is taken for ${source}, as --from says`] : []),
  ];
}

/** Refuses to write over the source, and over anything else without `force`. */
async function requireFree(
  path: string,
  translations: readonly Translation[],
  { force, check }: TranslateSettings,
): Promise<void> {
  for (const out of outputsOf(translations)) {
    if (await isSameFile(out, path))
      refuse('bad-argument', {
        where: `--out ${out}`,
        problem: 'this is the volume itself',
        todo: 'Name another file.',
      });
    const maps = check === null ? [] : mapKinds.map((kind) => mapPath(out, kind));
    for (const file of [out, sidecarOf(out), ...maps]) {
      if (force) {
        await requireReplaceable(file);
        continue;
      }
      if (!(await isOccupied(file))) continue;
      refuse('exists', {
        where: file,
        problem: 'exists already',
        todo: 'Choose another name, or overwrite it with --force.',
      });
    }
  }
}
