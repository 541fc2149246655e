import { z } from 'zod';
import { fail } from '../base/errors.js';
import { createRandom, type Random } from '../base/random.js';
import { contextOffsets } from '../imaging/context-slices.js';
import { type Augmentation, drawVariation, noAugmentation, varySlice } from './augmentation.js';
import { drawMaskError, jitterMask, type MaskJitter, noMaskJitter } from './mask-jitter.js';
import type { SliceEntry, SliceStore } from './slice-store.js';

/** A training batch of N slices of side S with M modalities. */
export interface Batch {
  /** [N, 1, S, S] in [−1, 1]. */
  readonly image: Float32Array;
  /**
   * [N, M, S, S] in [−1, 1]: the slices that a network of any sources is given, the one of `image` among them and never the
   * target's; −1 throughout where none is given. Without values for other networks.
   */
  readonly sources: Float32Array;
  /** [N, M], 1 where `sources` has a slice; without values where it has none. */
  readonly present: Float32Array;
  /** [N, 2k, S, S] in [−1, 1]: k slices below and k above each one, upwards; without values where none are asked for. */
  readonly contextSlices: Float32Array;
  /** [N, 1, S, S], 1 in the whole tumour, else 0. */
  readonly mask: Float32Array;
  /** [N, M], one-hot: the modality of each slice. */
  readonly source: Float32Array;
  /** [N, M], one-hot: the modality each slice is to be translated to. */
  readonly target: Float32Array;
  /** [N, 1, S, S] in [−1, 1]: what each slice looks like in its target modality, −1 throughout where that is not known. */
  readonly truth: Float32Array;
  /** [N], equal where the truth is known and 0 elsewhere; they sum to 1, or to 0 where none is known. */
  readonly sampleWeight: Float32Array;
  /** [N], equal where the mask is known and 0 elsewhere; they sum to 1, or to 0 where none is known. */
  readonly maskWeight: Float32Array;
}

/**
 * Reads the slices of a batch. The targets are the batch's sources in a random order: as many slices are asked for in
 * each modality as are there, some in the one that they have; or what {@link Targets} says. They are drawn
 * from (seed, iteration).
 *
 * With `mirror`, each slice, its context slices, its mask and its truth are mirrored left to right or not, and with
 * `augmentation` they are moved and regraded alike, drawn from (seed, iteration) too. With `maskJitter` the masks are then made wrong. The truth
 * of a slice that is to stay in its modality is the slice; for another target it is known where the store holds the
 * same slice of the same case in that modality.
 *
 * @throws UtadError bad-value when a slice's modality is not below `modalityCount`; bad-argument when more context slices are
 *   asked for than the store keeps.
 */
export function assembleBatch(
  store: SliceStore,
  indices: readonly number[],
  options: {
    readonly seed: number;
    readonly iteration: number;
    readonly modalityCount: number;
    /** How many slices below and above each one are read too; none when left out. */
    readonly contextSlices?: number;
    /** `permuted` when left out. */
    readonly targets?: Targets;
    readonly mirror?: boolean;
    readonly augmentation?: Augmentation;
    readonly maskJitter?: MaskJitter;
    /** Side of a pixel, for `maskJitter`. */
    readonly pixelMm?: number;
    /** Whether more modalities of the patient are given, drawn from (seed, iteration): any number is as likely. */
    readonly anySource?: boolean;
    /** Finds the same slice in another modality; without it only slices that stay as they are have a truth. */
    readonly counterpart?: Counterpart;
  },
): Batch {
  const { seed, iteration, modalityCount } = options;
  const pixels = store.side ** 2;
  const offsets = contextOffsets(options.contextSlices ?? 0);
  const contextSlices = new Float32Array(indices.length * offsets.length * pixels);
  const image = new Float32Array(indices.length * pixels);
  const mask = new Float32Array(indices.length * pixels);
  const truth = new Float32Array(indices.length * pixels).fill(-1);
  const mirrorRandom = createRandom(seed, 'mirror', iteration);
  const variationRandom = createRandom(seed, 'augmentation', iteration);
  const maskRandom = createRandom(seed, 'mask jitter', iteration);
  const sources = indices.map((index) => store.entries[index]!.modality);
  const targetRandom = createRandom(seed, 'targets', iteration);
  const isKnown = (position: number, modality: number): boolean =>
    options.counterpart?.(indices[position]!, modality) !== undefined;
  const targets =
    options.targets === 'other' || options.targets === 'known'
      ? sources.map((source, position) => {
          const others = othersThan(source, modalityCount);
          const there = options.targets === 'known' ? others.filter((one) => isKnown(position, one)) : [];
          return oneOf(there.length > 0 ? there : others, targetRandom);
        })
      : targetRandom.permutation(indices.length).map((position) => sources[position]!);
  const known = indices.map((index, position) =>
    targets[position] === sources[position] ? index : options.counterpart?.(index, targets[position]!),
  );
  const given =
    options.anySource === true
      ? drawSources(
          createRandom(seed, 'sources', iteration),
          indices,
          sources,
          targets,
          modalityCount,
          options,
        )
      : [];
  const sets = new Float32Array(given.length * modalityCount * pixels).fill(-1);
  indices.forEach((index, position) => {
    const mirrored = options.mirror === true && mirrorRandom.uniform() < 0.5;
    const variation = drawVariation(variationRandom, options.augmentation ?? noAugmentation, mirrored);
    const varied = varySlice(store.read(index), store.side, variation);
    const error = drawMaskError(maskRandom, options.maskJitter ?? noMaskJitter, options.pixelMm ?? 1);
    image.set(varied.image, position * pixels);
    offsets.forEach((offset, plane) => {
      const beside = varySlice(store.readContextSlice(index, offset), store.side, variation);
      contextSlices.set(beside.image, (position * offsets.length + plane) * pixels);
    });
    mask.set(jitterMask(varied.mask, varied.brain, store.side, error), position * pixels);
    given[position]?.forEach((place, modality) => {
      if (place === undefined) return;
      const { image } = place === index ? varied : varySlice(store.read(place), store.side, variation);
      sets.set(image, (position * modalityCount + modality) * pixels);
    });
    const truthAt = known[position];
    if (truthAt !== undefined)
      truth.set(varySlice(store.read(truthAt), store.side, variation).image, position * pixels);
  });
  return {
    image,
    sources: sets,
    present: Float32Array.from(given.flat(), (place) => (place === undefined ? 0 : 1)),
    contextSlices,
    mask,
    source: oneHot(sources, modalityCount),
    target: oneHot(targets, modalityCount),
    truth,
    sampleWeight: equalShares(known.map((index) => index !== undefined)),
    maskWeight: equalShares(indices.map((index) => store.entries[index]!.unmasked !== true)),
  };
}

/**
 * Which slices of its patient each one is given with, by modality: itself, and of those in other modalities than the target
 * any number.
 */
function drawSources(
  random: Random,
  indices: readonly number[],
  sources: readonly number[],
  targets: readonly number[],
  modalityCount: number,
  { counterpart }: { readonly counterpart?: Counterpart },
): (number | undefined)[][] {
  return indices.map((index, position) => {
    const places: (number | undefined)[] = Array.from({ length: modalityCount }, () => undefined);
    places[sources[position]!] = index;
    const others = othersThan(sources[position]!, modalityCount).flatMap((modality) => {
      const place = modality === targets[position] ? undefined : counterpart?.(index, modality);
      return place === undefined ? [] : [{ modality, place }];
    });
    const count = Math.floor(random.uniform() * (others.length + 1));
    for (const chosen of random.permutation(others.length).slice(0, count)) {
      const { modality, place } = others[chosen]!;
      places[modality] = place;
    }
    return places;
  });
}

/** Whether a store has slices whose mask is not known. */
export function hasUnmasked({ entries }: Pick<SliceStore, 'entries'>): boolean {
  return entries.some(({ unmasked }) => unmasked === true);
}

/** What slices are to become. */
export const targetsSchema = z
  .enum(['permuted', 'other', 'known'])
  .describe(
    'target of each training slice: the modalities of the batch in a random order, any but its own, or any other that ' +
      'its patient has (any but its own where it has none)',
  );

/** See {@link targetsSchema}. */
type Targets = z.infer<typeof targetsSchema>;

function othersThan(source: number, modalityCount: number): number[] {
  return Array.from({ length: modalityCount - 1 }, (_, i) => (source + 1 + i) % modalityCount);
}

/** Each as likely. */
function oneOf(values: readonly number[], random: Random): number {
  return values[Math.floor(random.uniform() * values.length)]!;
}

/** The same share for all that count, which together make 1. */
function equalShares(counts: readonly boolean[]): Float32Array {
  const number = counts.filter(Boolean).length;
  return Float32Array.from(counts, (counted) => (counted ? 1 / number : 0));
}

/** The place of the same slice of the same case in another modality, if the store holds it. */
export type Counterpart = (index: number, modality: number) => number | undefined;

/** Looks counterparts up among all slices of a store. */
export function counterpartsIn({ entries }: Pick<SliceStore, 'entries'>): Counterpart {
  const key = ({ caseId, slice }: SliceEntry, modality: number): string => `${modality} ${slice} ${caseId}`;
  const places = new Map(entries.map((entry, index) => [key(entry, entry.modality), index]));
  return (index, modality) => places.get(key(entries[index]!, modality));
}

function oneHot(classes: readonly number[], count: number): Float32Array {
  const out = new Float32Array(classes.length * count);
  classes.forEach((one, row) => {
    if (!(one >= 0 && one < count)) {
      fail('bad-value', { where: 'batch', expected: `modalities below ${count}`, got: `${one}` });
    }
    out[row * count + one] = 1;
  });
  return out;
}
