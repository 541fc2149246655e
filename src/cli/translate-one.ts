import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fail, UtadError } from '../base/errors.js';
import { type OpenModel, openModelOnce } from '../cohort/open-model.js';
import { provenanceOf } from '../cohort/output/provenance.js';
import { writeMade } from '../cohort/output/write-synthetic.js';
import { checkAndWrite, mapKinds, mapPath } from '../cohort/patient/check-synthetic.js';
import { readTumour } from '../cohort/patient/read-scans.js';
import type {
  ChosenTranslation,
  TranslateSettings,
  Translation,
  TumourFiles,
} from '../cohort/translation-job.js';
import { contentOfFileName } from '../datasets/brats-name.js';
import { isMarkedSynthetic, sidecarOf } from '../datasets/synthetic.node.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { describeGrid } from '../imaging/geometry.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { Volume } from '../imaging/volume.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import { fingerprintsOnce } from '../jobs/fingerprint.js';
import { noticeColours, outputColours } from '../terminal/colours.js';
import { createProgress } from '../terminal/progress.js';
import { warningsAbout } from '../translate/source-warnings.js';
import { makeModality, modalityIndex, prepareSource } from '../translate/translate-volume.js';

/** What is asked for one patient's volumes. */
export interface OneRequest {
  readonly translations: readonly Translation[];
  readonly brain: VolumeSource | null;
  readonly tumour?: TumourFiles;
  readonly settings: TranslateSettings;
}

/** Makes modalities of one patient's volumes and says what it wrote. */
export async function translateOne({ translations, ...given }: OneRequest): Promise<void> {
  const models = openModelOnce();
  try {
    const open = await models.open(given.settings);
    for (const source of new Set(translations.map((one) => one.source))) {
      const group = translations.filter((one) => one.source === source);
      await translateFrom(group, given, open);
    }
  } finally {
    await models.close();
  }
}

/** Makes modalities of one volume. */
async function translateFrom(
  translations: readonly Translation[],
  request: Omit<OneRequest, 'translations'>,
  { model, findBrain, segmenter }: OpenModel,
): Promise<void> {
  const { brain, tumour, settings } = request;
  const { source, from } = translations[0]!;
  const where = describeSource(from);
  const { limits } = settings;
  const volume = await readNamed(from, limits);
  const found = brain === null ? await findBrain?.(volume, where) : await readVolume(brain, { limits });
  const prepared = prepareSource(volume, model.metadata, {
    source,
    where,
    ...(found ? { brain: found } : {}),
    ...(tumour ? { tumour: await readTumour(tumour, limits) } : {}),
  });
  const warnings = [
    ...((await isMarkedSynthetic(from.path)) ? ['it is synthetic itself, as the .json beside says'] : []),
    ...contradictionOf(from, source, model.metadata.model.modalities),
    ...warningsAbout(volume, prepared, model.metadata, source),
  ];
  for (const text of warnings) console.error(`${noticeColours.yellow('warning')}: ${where}: ${text}`);
  const fingerprint = fingerprintsOnce();
  for (const translation of translations) {
    const { target, out } = translation;
    const started = performance.now();
    let progress: ReturnType<typeof createProgress> | undefined;
    const { volume: made, slices } = await makeModality(prepared, model, source, target, (done, total) => {
      progress ??= createProgress(`${source} → ${target}`, total);
      progress.update(done, 'slices');
    });
    progress?.end();
    const provenance = await provenanceOf(translation, request, fingerprint);
    const given = { ...(segmenter ? { segmenter } : {}), ...(found ? { brain: found } : {}) };
    const task = { model, source, target, volume, prepared, slices, made, others: {}, ...given };
    const checked = settings.check === null ? null : await checkAndWrite(task, out);
    for (const text of checked?.warnings ?? []) console.error(`${noticeColours.yellow('warning')}: ${text}`);
    const said = [...warnings, ...(checked?.warnings ?? [])];
    await writeMade(made, volume, translation, provenance, settings, model.metadata, said, checked?.record);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const range = rangeOf(made.data).map((value) => Number(value.toPrecision(4)));
    console.log(
      `${outputColours.bold(out)}: synthetic ${target} from ${source}, ${describeGrid(made)}, ` +
        `values ${range.join(' to ')}, ${seconds} s on ${model.device}`,
    );
    if (checked !== null) console.log(`  ${checked.line}`);
  }
}

/** Reads the volume; a file of several is refused with the option that names one. */
async function readNamed(from: VolumeSource, limits: ReadLimits): Promise<Volume> {
  try {
    return await readVolume(from, { limits });
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    const { code, detail } = error;
    if (!('parameter' in detail) || detail.parameter !== 'volumeIndex') throw error;
    const todo = detail.todo?.replace('its index (volumeIndex)', '--volume-index') ?? '';
    return fail(code, { ...detail, todo }, { cause: error });
  }
}

/** A file name that says another modality than the person does. */
function contradictionOf(
  { path, series }: VolumeSource,
  source: string,
  modalities: readonly string[],
): readonly string[] {
  const named = series === undefined ? contentOfVolume(path) : undefined;
  if (named === undefined || named === source || !modalities.includes(named)) return [];
  return [`its name says ${named}; it is taken for ${source}, as --from says`];
}

/** What a volume is: what is said, else what its file name says. @throws UtadError bad-argument when neither does. */
export function sourceModality(
  path: string,
  modalities: readonly string[],
  given: string | undefined,
): string {
  if (given !== undefined) {
    modalityIndex(modalities, given, '--from');
    return given;
  }
  const recognised = contentOfVolume(path);
  if (recognised !== undefined && modalities.includes(recognised)) return recognised;
  return fail('bad-argument', {
    where: path,
    expected: `a file name that ends in one of ${modalities.map((name) => `_${name}`).join(', ')}`,
    got:
      recognised === undefined
        ? 'one that does not say its modality'
        : `${recognised}, which the model does not know`,
    todo: 'Say what the volume is with --from.',
  });
}

/** What is made of a single volume: what is asked for, or all that it is not. */
export function targetsFor(
  to: 'missing' | 'all' | readonly string[],
  modalities: readonly string[],
  source: string,
): readonly string[] {
  return typeof to === 'string' ? modalities.filter((name) => name !== source) : to;
}

/**
 * Where the modalities that are asked for go.
 *
 * @param path the volume, or the patient's DICOM files
 * @param to one modality by its name goes to the file `out`; anything else into the folder `out`
 * @throws UtadError bad-argument for what cannot be written, before anything is computed.
 */
export async function planOutputs(
  path: string,
  chosen: readonly ChosenTranslation[],
  to: 'missing' | 'all' | readonly string[],
  out: string,
  { force, format, check }: Pick<TranslateSettings, 'force' | 'format' | 'check'>,
): Promise<readonly Translation[]> {
  const several = typeof to === 'string' || to.length > 1;
  // What is asked for by name is refused; `all` means all others.
  const useful = chosen.filter(({ target, source }) => target !== source);
  if (typeof to !== 'string' && useful.length < chosen.length) refuseSame(chosen);
  if (useful.length === 0) {
    fail('bad-argument', {
      where: '--to',
      expected: 'a modality that is missing',
      got: `${String(to)} where none is`,
      todo: 'Name what to make, or use --to all.',
    });
  }
  if (!several && format === 'nifti') requireNiftiName(out);
  const ending = format === 'nifti' ? '.nii.gz' : '';
  const planned = useful.map((one) => ({
    ...one,
    out: several ? join(out, `${stemOf(path)}_${one.target}-synthetic${ending}`) : out,
  }));
  for (const { out: file } of planned) {
    if (resolve(file) === resolve(path))
      fail('bad-argument', { where: '--out', expected: 'another file than the volume itself', got: file });
    const maps = check === null ? [] : mapKinds.map((kind) => mapPath(file, kind));
    for (const one of [file, sidecarOf(file), ...maps]) {
      if (force || !(await isThere(one))) continue;
      fail('bad-argument', {
        where: one,
        expected: 'no file there yet',
        got: 'one',
        todo: 'Choose another name, or overwrite it with --force.',
      });
    }
  }
  return planned;
}

function refuseSame(chosen: readonly ChosenTranslation[]): never {
  const same = chosen.find(({ target, source }) => target === source)!.source;
  return fail('bad-argument', {
    where: '--to',
    expected: `another modality than ${same}, which the volume is already`,
    got: chosen.map(({ target }) => target).join(','),
  });
}

/** Whether something is there that would be lost; an empty folder would not. */
async function isThere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? (await readdir(path)).length > 0 : found !== undefined;
}

/** A volume's name without ending and modality. Made volumes get names that no data set reader takes for scans. */
function stemOf(path: string): string {
  const name = basename(path).replace(/\.(?:(?:nii|hdr|img)(?:\.gz)?|zip|dcm)$/i, '');
  return contentOfVolume(path) === undefined ? name : name.replace(/[_-][a-z0-9]+$/i, '');
}

/** What a volume's name says that it is; the files of a pair are named as one file would be. */
function contentOfVolume(path: string): string | undefined {
  return contentOfFileName(basename(path).replace(/\.(?:hdr|img)(?=(?:\.gz)?$)/i, '.nii'));
}

function requireNiftiName(out: string): void {
  if (/\.nii(\.gz)?$/i.test(out)) return;
  fail('bad-argument', { where: '--out', expected: 'a name that ends in .nii or .nii.gz', got: out });
}

/** Least and largest value that is not background. */
function rangeOf(data: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value === 0) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}
