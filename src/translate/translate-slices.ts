import { fail } from '../base/errors.js';
import { oneHots, type Tensor, tensor } from '../engine/graph/tensor.js';
import { contextSlicesAt } from '../imaging/context-slices.js';
import type { FileNetwork } from './model-metadata.js';

/** What a network is given of N slices. */
export interface SliceInputs {
  /** [N,1,S,S] */
  readonly image: Tensor;
  /** Slices in all modalities [N,M,S,S], −1 throughout where not given, for a network of any sources; null for others. */
  readonly sources: Tensor | null;
  /** Which of them are given [N,M]; null for other networks. */
  readonly present: Tensor | null;
  /** One-hot [N,M]. */
  readonly target: Tensor;
  /** One-hot [N,M]; a network that works it out by itself ignores it. */
  readonly source: Tensor;
  /** [N,2k,S,S]; null for a network that sees none. */
  readonly contextSlices: Tensor | null;
  /** [N,1,S,S] of 0 and 1; null for a network that needs none. */
  readonly mask: Tensor | null;
}

/** A loaded network: N slices to N·S·S values of translated ones. */
export type SliceNetwork = (given: SliceInputs) => Promise<Float32Array>;

/** Settings of {@link translateSlices}. */
export interface TranslateSlicesOptions {
  /** Slices that the network is given at once. */
  readonly batchSize: number;
  /**
   * Places of the slices to translate; the others are looked at as their context slices alone. All of them when left out.
   */
  readonly chosen?: readonly number[] | undefined;
  /**
   * The slices [K,S,S] of the patient's other modalities, by index, for a network of any sources: all of them where
   * `slices` is.
   */
  readonly others?: ReadonlyMap<number, Float32Array> | undefined;
  /** [K,S,S], 1 in the tumour, for a network that is given a mask; it must not be there for another. */
  readonly masks?: ArrayLike<number> | undefined;
  /** Called with how many of the slices that hold brain are finished. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Translates slices. Those without brain (no value above −1) are not computed: they stay −1.
 *
 * @param slices [K,S,S] in [−1, 1], background −1: all of a volume from the bottom up where the network sees context slices
 * @param source index of the modality that the slices are
 * @param target index of the modality to translate into
 * @returns [K,S,S] in [−1, 1], or [n,S,S] of n chosen ones; outside the brain of a slice the values are the network's, near −1
 * @throws UtadError bad-argument when source and target are the same or unknown, a chosen slice is not there, or masks
 *   are missing or not wanted; bad-shape when the number of values is not a multiple of S·S, or not that of the masks.
 */
export async function translateSlices(
  network: SliceNetwork,
  {
    modalities,
    network: kind,
    sliceSide,
    contextSlices = 0,
    tumourMask = false,
  }: Pick<FileNetwork, 'modalities' | 'network' | 'sliceSide' | 'contextSlices' | 'tumourMask'>,
  slices: Float32Array,
  source: number,
  target: number,
  { batchSize, onProgress, ...options }: TranslateSlicesOptions,
): Promise<Float32Array> {
  for (const [name, index] of Object.entries({ source, target })) {
    if (modalities[index] !== undefined) continue;
    fail('bad-argument', { where: name, expected: `0 to ${modalities.length - 1}`, got: String(index) });
  }
  if (source === target) {
    fail('bad-argument', {
      where: 'target',
      expected: `another modality than ${modalities[source]}`,
      got: 'the same',
    });
  }
  const pixels = sliceSide ** 2;
  if (slices.length % pixels !== 0) {
    fail('bad-shape', {
      where: 'slices',
      expected: `slices of ${sliceSide}×${sliceSide}`,
      got: `${slices.length} values`,
    });
  }
  requireMasks(options.masks, tumourMask, slices.length);
  const { others = new Map<number, Float32Array>() } = options;
  requireOthers(others, kind === 'any-source', { modalities, source, target, values: slices.length });
  const given = new Map([...others, [source, slices]]);
  const count = slices.length / pixels;
  const chosen = options.chosen ?? Array.from({ length: count }, (_, k) => k);
  for (const k of chosen) {
    if (!(Number.isInteger(k) && k >= 0 && k < count))
      fail('bad-argument', { where: 'chosen slices', expected: `places below ${count}`, got: String(k) });
  }
  const hasBrain = (k: number): boolean =>
    [...given.values()].some((all) => all.subarray(k * pixels, (k + 1) * pixels).some((value) => value > -1));
  const result = new Float32Array(chosen.length * pixels).fill(-1);
  const wanted = chosen.flatMap((k, to) => (hasBrain(k) ? [{ k, to }] : []));
  for (let start = 0; start < wanted.length; start += batchSize) {
    const part = wanted.slice(start, start + batchSize);
    const shape = [part.length, 1, sliceSide, sliceSide];
    const gathered = (from: ArrayLike<number>): Tensor => {
      const values = new Float32Array(part.length * pixels);
      part.forEach(({ k }, i) => {
        for (let p = 0; p < pixels; p++) values[i * pixels + p] = from[k * pixels + p]!;
      });
      return tensor(values, shape);
    };
    const places = part.map(({ k }) => k);
    const around = contextSlicesAt(slices, pixels, places, contextSlices);
    const translated = await network({
      image: gathered(slices),
      ...(kind === 'any-source'
        ? sourceTensors(given, places, modalities.length, sliceSide)
        : { sources: null, present: null }),
      target: oneHots(part.length, modalities.length, target),
      source: oneHots(part.length, modalities.length, source),
      contextSlices:
        contextSlices === 0 ? null : tensor(around, [part.length, 2 * contextSlices, sliceSide, sliceSide]),
      mask: options.masks === undefined ? null : gathered(options.masks),
    });
    part.forEach(({ to }, i) => {
      result.set(translated.subarray(i * pixels, (i + 1) * pixels), to * pixels);
    });
    onProgress?.(start + part.length, wanted.length);
  }
  return result;
}

/** Slices of all modalities at some places, and which modalities are given at all. */
function sourceTensors(
  given: ReadonlyMap<number, Float32Array>,
  places: readonly number[],
  count: number,
  side: number,
): Pick<SliceInputs, 'sources' | 'present'> {
  const pixels = side ** 2;
  const sources = new Float32Array(places.length * count * pixels).fill(-1);
  const present = new Float32Array(places.length * count);
  places.forEach((k, i) => {
    for (const [modality, slices] of given) {
      const slice = slices.subarray(k * pixels, (k + 1) * pixels);
      sources.set(slice, (i * count + modality) * pixels);
      // A scan may end before the others do.
      present[i * count + modality] = Number(slice.some((value) => value > -1));
    }
  });
  return {
    sources: tensor(sources, [places.length, count, side, side]),
    present: tensor(present, [places.length, count]),
  };
}

function requireOthers(
  others: ReadonlyMap<number, Float32Array>,
  allowed: boolean,
  {
    modalities,
    source,
    target,
    values,
  }: {
    readonly modalities: readonly string[];
    readonly source: number;
    readonly target: number;
    readonly values: number;
  },
): void {
  if (others.size > 0 && !allowed) {
    fail('bad-argument', {
      where: 'other modalities',
      expected: 'none, as this model translates from one source',
      got: String(others.size),
    });
  }
  for (const [modality, slices] of others) {
    if (modalities[modality] === undefined || modality === source || modality === target) {
      fail('bad-argument', {
        where: 'other modalities',
        expected: `others of ${modalities.join(', ')} than source and target`,
        got: modalities[modality] ?? String(modality),
      });
    }
    if (slices.length !== values)
      fail('bad-shape', {
        where: modalities[modality]!,
        expected: `${values} values`,
        got: `${slices.length}`,
      });
  }
}

function requireMasks(masks: ArrayLike<number> | undefined, wanted: boolean, values: number): void {
  if ((masks !== undefined) !== wanted) {
    fail('bad-argument', {
      where: 'tumour mask',
      expected: wanted ? 'one, as this is the model of a teacher' : 'none, as this model needs none',
      got: wanted ? 'none' : 'one',
      todo: wanted
        ? "Give the mask of the patient's tumour, or take the model of a student."
        : 'Leave it out.',
    });
  }
  if (masks !== undefined && masks.length !== values)
    fail('bad-shape', { where: 'tumour masks', expected: `${values} values`, got: `${masks.length}` });
}
