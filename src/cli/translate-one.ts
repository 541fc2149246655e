import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fail, UtadError } from '../base/errors.js';
import { contentOfFileName } from '../datasets/file-name.js';
import { isMarkedSynthetic, sidecarOf } from '../datasets/synthetic.node.js';
import { describeGrid } from '../imaging/geometry.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { Volume } from '../imaging/volume.js';
import { readVolume } from '../imaging/volume-file.node.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { modalityIndex, prepareSource, translatePrepared } from '../translate/translate-volume.js';
import { noticeColours, outputColours } from './colours.js';
import { openModelOnce } from './open-model.js';
import { createProgress } from './progress.js';
import { warningsAbout } from './source-warnings.js';
import { provenanceOf } from './translate-patient.js';
import type { TranslateSettings, Translation } from './translate-settings.js';
import { writeMade } from './translate-write.js';

/** What is asked for one volume. */
export interface OneRequest {
  readonly volume: VolumeSource;
  /** What the volume is. */
  readonly source: string;
  /** Modalities to make, each with its file. */
  readonly outputs: readonly { readonly target: string; readonly out: string }[];
  readonly brain: VolumeSource | null;
  readonly settings: TranslateSettings;
}

/** Makes modalities of one volume and says what it wrote. */
export async function translateOne({
  volume: from,
  source,
  outputs,
  brain,
  settings,
}: OneRequest): Promise<void> {
  const where = describeSource(from);
  const { limits } = settings;
  const volume = await readNamed(from, limits);
  const mask = brain === null ? undefined : await readVolume(brain, { limits });
  const models = openModelOnce();
  try {
    const { model, findBrain } = await models.open(settings);
    const found = mask ?? (await findBrain?.(volume, where));
    const prepared = prepareSource(volume, model.metadata, {
      source,
      where,
      ...(found ? { brain: found } : {}),
    });
    const warnings = [
      ...((await isMarkedSynthetic(from.path)) ? ['it is synthetic itself, as the .json beside says'] : []),
      ...warningsAbout(volume, prepared, model.metadata, source),
    ];
    for (const text of warnings) console.error(`${noticeColours.yellow('warning')}: ${where}: ${text}`);
    for (const { target, out } of outputs) {
      const started = performance.now();
      let progress: ReturnType<typeof createProgress> | undefined;
      const made = await translatePrepared(prepared, model, source, target, (done, total) => {
        progress ??= createProgress(`${source} → ${target}`, total);
        progress.update(done, 'slices');
      });
      progress?.end();
      const translation: Translation = { target, source, from, chosenBy: 'given', out };
      const provenance = await provenanceOf(translation, { settings, brain });
      await writeMade(made, volume, translation, provenance, settings, model.metadata, warnings);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const range = rangeOf(made.data).map((value) => Number(value.toPrecision(4)));
      console.log(
        `${outputColours.bold(out)}: synthetic ${target} from ${source}, ${describeGrid(made)}, ` +
          `values ${range.join(' to ')}, ${seconds} s on ${model.device}`,
      );
    }
  } finally {
    await models.close();
  }
}

/** Reads the volume; a file of several is refused with the option that names one. */
async function readNamed(from: VolumeSource, limits: ReadLimits): Promise<Volume> {
  try {
    return await readVolume(from, { limits });
  } catch (error) {
    if (!(error instanceof UtadError) || error.detail.parameter !== 'volumeIndex') throw error;
    const todo = [error.detail.todo, 'On the command line: --volume-index <n>.'].join(' ');
    return fail(error.code, { ...error.detail, todo }, { cause: error });
  }
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

/**
 * Where the modalities that are asked for go.
 *
 * @param targets one modality goes to the file `out`; several into the folder `out`
 * @throws UtadError bad-argument for what cannot be written, before anything is computed.
 */
export async function plannedOutputs(
  path: string,
  { model }: ModelMetadata,
  source: string,
  to: 'missing' | 'all' | readonly string[],
  out: string,
  { force, format }: Pick<TranslateSettings, 'force' | 'format'>,
): Promise<OneRequest['outputs']> {
  const several = typeof to === 'string' || to.length > 1;
  const targets = targetsFor(to, model.modalities, source);
  if (targets.includes(source)) {
    fail('bad-argument', {
      where: '--to',
      expected: `another modality than ${source}, which the volume is already`,
      got: targets.join(','),
    });
  }
  if (!several && format === 'nifti') requireNiftiName(out);
  if (targets.length === 0) {
    fail('bad-argument', {
      where: '--to',
      expected: 'a modality that is missing',
      got: `${String(to)} where ${model.modalities.join(', ')} are all there`,
      todo: 'Name what to make, or use --to all.',
    });
  }
  const ending = format === 'nifti' ? '.nii.gz' : '';
  const planned = targets.map((target) => ({
    target,
    out: several ? join(out, `${stemOf(path)}_${target}-synthetic${ending}`) : out,
  }));
  for (const { out: file } of planned) {
    if (resolve(file) === resolve(path))
      fail('bad-argument', { where: '--out', expected: 'another file than the volume itself', got: file });
    for (const one of [file, sidecarOf(file)]) {
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

/** Whether something is there that would be lost; an empty folder would not. */
async function isThere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? (await readdir(path)).length > 0 : found !== undefined;
}

function targetsFor(
  to: 'missing' | 'all' | readonly string[],
  modalities: readonly string[],
  source: string,
): readonly string[] {
  return typeof to === 'string' ? modalities.filter((name) => name !== source) : to;
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
