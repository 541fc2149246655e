import { requireArguments } from '../base/arguments.js';
import { fail, isAbortError, stop } from '../base/errors.js';
import { didYouMean } from '../base/read-configuration.js';
import { backgroundOf } from '../imaging/foreground.js';
import { describeGrid } from '../imaging/geometry.js';
import { countOf, requirePartOfBody } from '../imaging/mask-values.js';
import { requireBodySize } from '../imaging/plausibility.js';
import { type PreparedVolume, prepareMask, prepareVolume } from '../imaging/prepare.js';
import { completeRecipe } from '../imaging/recipe.js';
import { preparedBody } from '../imaging/record.js';
import { reorientVolume } from '../imaging/reorient.js';
import { restoreVolume } from '../imaging/restore.js';
import type { Volume } from '../imaging/volume.js';
import { knownModality, modalityAmong } from '../imaging/words/modality-name.js';
import type { LoadedModel } from './loaded-model.js';
import type { ModelMetadata } from './model-metadata.js';
import { requireMetadata, requireModel } from './require-model.js';

/** Options of {@link translateVolume}. */
export interface TranslateVolumeOptions {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  /** Modality of the given volume. */
  readonly source: string;
  /** Modality to translate it into. */
  readonly target: string;
  /** Name of the given volume, for messages. */
  readonly where?: string;
  /**
   * The patient's other scans by modality, on the grid of the volume, for a model of any sources; axes that are only exchanged
   * or mirrored are moved.
   */
  readonly others?: Readonly<Record<string, Volume>>;
  /** A brain mask on the volume's grid, for volumes that are not skull-stripped. */
  readonly brain?: Volume;
  /** Where the tumour is, for the model of a teacher. */
  readonly tumour?: TumourMask;
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the work between slices. */
  readonly signal?: AbortSignal;
}

/** A label volume on the grid of the volume that is translated. */
export interface TumourMask {
  readonly volume: Volume;
  /** Which labels are the tumour; all above 0 when left out. */
  readonly isTumour?: (label: number) => boolean;
  /** The file, for messages. */
  readonly where?: string;
}

/** A volume that is ready to be translated. */
export interface PreparedSource extends PreparedVolume {
  /** [K,S,S], 1 in the tumour, where a mask was given. */
  readonly tumour?: Uint8Array;
  /** The patient's other scans as slices of the same view, by modality. */
  readonly others?: Readonly<Record<string, PreparedVolume>>;
}

/**
 * Translates a skull-stripped volume into a missing modality.
 *
 * @returns a volume on the same grid with the same affine and header; the target's background (0, unless the
 *   recipe says otherwise) outside the brain, inside between the model's `valueRanges` of the target
 * @throws UtadError bad-argument for unknown or equal modalities or a mask that is missing or not wanted, bad-value
 *   when the volume does not fit the model's preparation recipe, interrupted when the signal asked to stop.
 */
export async function translateVolume(volume: Volume, options: TranslateVolumeOptions): Promise<Volume> {
  requireArguments('translateVolume', { options: [options, 'object'] });
  const { model, onProgress, signal } = options;
  requireModel(model, 'translateVolume');
  requireArguments('translateVolume', {
    'options.source': [options.source, 'text'],
    'options.target': [options.target, 'text'],
    'options.onProgress': [onProgress, 'function?'],
    'options.signal': [signal, 'object?'],
  });
  const { modalities } = model.metadata.model;
  const source = modalityNamed(modalities, options.source, 'source modality');
  const target = modalityNamed(modalities, options.target, 'target modality');
  const stopIfAborted = (): void => {
    if (!signal?.aborted) return;
    // Who gives a reason of their own gets it back, as from the platform's functions.
    if (!isAbortError(signal.reason)) throw signal.reason;
    stop({ where: options.where ?? 'volume' }, { cause: signal.reason });
  };
  stopIfAborted();
  const prepared = prepareSource(volume, model.metadata, { ...options, source });
  return translatePrepared(prepared, model, source, target, (done, total) => {
    stopIfAborted();
    onProgress?.(done, total);
  });
}

/**
 * Prepares a volume by a model's recipe, once for all modalities that it is translated into.
 *
 * @throws UtadError bad-value when the volume does not fit the recipe, bad-shape when a mask is not on its grid.
 */
export function prepareSource(
  volume: Volume,
  metadata: Pick<ModelMetadata, 'recipe'> & Partial<Pick<ModelMetadata, 'training'>>,
  options: Pick<TranslateVolumeOptions, 'source' | 'where' | 'others' | 'brain' | 'tumour'>,
): PreparedSource {
  requireArguments('prepareSource', { options: [options, 'object'] });
  requireMetadata(metadata, 'prepareSource');
  const { recipe, training } = metadata;
  const { source, where = 'volume', others = {}, brain, tumour } = options;
  requireArguments('prepareSource', {
    'options.source': [source, 'text'],
    'options.where': [where, 'text'],
    'options.others': [others, 'object'],
    'options.brain': [brain, 'object?'],
    'options.tumour': [tumour, 'object?'],
  });
  const masked = brain === undefined ? {} : { brain };
  const first = prepareVolume(volume, recipe, where, { modality: source, ...masked });
  const beside = Object.entries(others).map(([modality, scan]) => {
    const moved = reorientVolume(scan, volume);
    if (moved === undefined) refuseOtherGrid(modality, scan, volume);
    const options = { modality, like: first.record, ...masked };
    return [modality, prepareVolume(moved, recipe, modality, options)] as const;
  });
  const learnt = training?.body;
  if (brain !== undefined && (learnt || first.record.recipe.foreground.kind === 'nonzero'))
    requireBodySize(preparedBody(first.record), `brain mask of ${where}`, learnt);
  const prepared = beside.length === 0 ? first : { ...first, others: Object.fromEntries(beside) };
  if (tumour === undefined) return prepared;
  const { isTumour = (label: number): boolean => label > 0 } = tumour;
  const place = tumour.where ?? 'tumour mask';
  const mask = prepareMask(tumour.volume, isTumour, prepared.record, place);
  requirePartOfBody(countOf(mask), countOf(prepared.brain), place);
  return { ...prepared, tumour: mask };
}

function refuseOtherGrid(modality: string, scan: Volume, volume: Volume): never {
  return fail('bad-shape', {
    where: modality,
    expected: `the grid of the volume that is translated (${describeGrid(volume)})`,
    got: describeGrid(scan),
    todo: 'Resample it to that grid, or leave it out.',
  });
}

/** A synthetic volume, and the slices that it was restored from. */
export interface SyntheticVolume {
  readonly volume: Volume;
  /** [K,S,S], the network's output. */
  readonly slices: Float32Array;
}

/** As {@link translateSource}, the volume alone. */
export async function translatePrepared(...parameters: Parameters<typeof translateSource>): Promise<Volume> {
  return (await translateSource(...parameters)).volume;
}

/**
 * Translates a prepared volume and restores its grid.
 *
 * @param onProgress called with how many of the slices that hold brain are finished
 * @throws UtadError bad-argument for unknown or equal modalities, or a mask that is missing or not wanted.
 */
export async function translateSource(
  prepared: PreparedSource,
  model: TranslateVolumeOptions['model'],
  source: string,
  wanted: string,
  onProgress?: (done: number, total: number) => void,
): Promise<SyntheticVolume> {
  requireModel(model, 'translatePrepared');
  requireArguments('translatePrepared', { prepared: [prepared, 'object'], source: [source, 'text'] });
  requireArguments('translatePrepared', {
    'prepared.record': [prepared.record, 'object'],
    target: [wanted, 'text'],
    onProgress: [onProgress, 'function?'],
  });
  const { recipe, valueRanges } = model.metadata;
  const { modalities } = model.metadata.model;
  const from = modalityIndex(modalities, source, 'source modality');
  const to = modalityIndex(modalities, wanted, 'target modality');
  const target = modalities[to]!;
  const slices = await model.translateSlices(prepared.slices, from, to, {
    onProgress,
    masks: prepared.tumour,
    ...(prepared.others === undefined ? {} : { others: slicesByIndex(prepared.others, modalities) }),
  });
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  return { volume: restoreVolume(slices, prepared.record, valueRanges[target]!, background), slices };
}

function slicesByIndex(
  others: NonNullable<PreparedSource['others']>,
  modalities: readonly string[],
): ReadonlyMap<number, Float32Array> {
  return new Map(
    Object.entries(others).map(([name, { slices }]) => [
      modalityIndex(modalities, name, 'other modalities'),
      slices,
    ]),
  );
}

/**
 * Place of a modality in the model's order, by the model's name of it or another that means the same, such as `t2f`.
 *
 * @param where the option it came from
 * @throws UtadError bad-argument; a mistyped word with the one that is meant, another modality with none.
 */
export function modalityIndex(modalities: readonly string[], name: string, where: string): number {
  const meant = modalityAmong(modalities, name);
  if (meant !== undefined) return modalities.indexOf(meant);
  return fail('bad-argument', {
    where,
    expected: `one of ${modalities.join(', ')}`,
    got: name,
    ...likelyModality(name.toLowerCase(), modalities),
  });
}

/** The model's name of a modality, as {@link modalityIndex} finds it. @throws UtadError bad-argument. */
export function modalityNamed(modalities: readonly string[], name: string, where: string): string {
  return modalities[modalityIndex(modalities, name, where)]!;
}

/** Short names differ in one letter though they mean other images: only a longer word can be a mistyped one. */
function likelyModality(word: string, modalities: readonly string[]): { readonly todo?: string } {
  const isMistyped = word.length >= 4 && knownModality(word) === undefined;
  return isMistyped
    ? didYouMean(
        word,
        modalities.filter((one) => one.length >= 4),
      )
    : {};
}
