import { fail } from '../base/errors.js';
import { oneHots, type Tensor, tensor } from '../engine/tensor.js';
import type { GeneratorConfiguration } from '../model/configuration.js';

/**
 * A loaded network: slices [N,1,S,S], one-hot targets and sources [N,M] to translated slices, N·S·S values. Networks
 * that work the source out by themselves ignore it.
 */
export type SliceNetwork = (image: Tensor, target: Tensor, source: Tensor) => Promise<Float32Array>;

/** Settings of {@link translateSlices}. */
export interface TranslateSlicesOptions {
  /** Slices that the network is given at once. */
  readonly batchSize: number;
  /** Told how many of the slices that hold brain are finished. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Translates slices. Those without brain (no value above −1) are not computed: they stay −1.
 *
 * @param slices [K,S,S] in [−1, 1], background −1
 * @param source index of the modality that the slices are
 * @param target index of the modality to make
 * @returns [K,S,S] in [−1, 1]; outside the brain of a slice the values are the network's, near −1
 * @throws UtadError bad-argument when source and target are the same or unknown, bad-shape when the number of
 *   values is not a multiple of S·S.
 */
export async function translateSlices(
  network: SliceNetwork,
  { modalities, sliceSide }: Pick<GeneratorConfiguration, 'modalities' | 'sliceSide'>,
  slices: Float32Array,
  source: number,
  target: number,
  { batchSize, onProgress }: TranslateSlicesOptions,
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
  const result = new Float32Array(slices.length).fill(-1);
  const wanted = slicesWithBrain(slices, pixels);
  for (let start = 0; start < wanted.length; start += batchSize) {
    const part = wanted.slice(start, start + batchSize);
    const image = new Float32Array(part.length * pixels);
    part.forEach((slice, i) => {
      image.set(slices.subarray(slice * pixels, (slice + 1) * pixels), i * pixels);
    });
    const made = await network(
      tensor(image, [part.length, 1, sliceSide, sliceSide]),
      oneHots(part.length, modalities.length, target),
      oneHots(part.length, modalities.length, source),
    );
    part.forEach((slice, i) => {
      result.set(made.subarray(i * pixels, (i + 1) * pixels), slice * pixels);
    });
    onProgress?.(start + part.length, wanted.length);
  }
  return result;
}

function slicesWithBrain(slices: Float32Array, pixels: number): number[] {
  return Array.from({ length: slices.length / pixels }, (_, k) => k).filter((k) =>
    slices.subarray(k * pixels, (k + 1) * pixels).some((value) => value > -1),
  );
}
