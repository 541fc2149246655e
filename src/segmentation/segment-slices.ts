import { fail } from '../base/errors.js';
import { type Tensor, tensor } from '../engine/graph/tensor.js';
import { missingValue, type SegmenterConfiguration } from '../model/segmenter-network.js';

/** A loaded network: slices [N,M,S,S] to probabilities, N·R·S·S values. */
type SegmenterNetwork = (image: Tensor) => Promise<Float32Array>;

/** Slices at once: more are no faster on a CPU, and take more memory. */
const batchSize = 4;

/**
 * Segments slices. What a patient lacks is given as background throughout; slices without brain are not computed.
 *
 * @param slices modality → [K,S,S] in [−1, 1]; any of the network's, at least one
 * @returns the probability of each region, [K,S,S] in [0, 1], in the network's order; 0 throughout slices without brain
 * @throws UtadError bad-argument when there is none of the network's modalities, or another one; bad-shape when the
 *   volumes differ in length.
 */
export async function segmentSlices(
  network: SegmenterNetwork,
  { modalities, regions, sliceSide }: SegmenterConfiguration,
  slices: Readonly<Record<string, Float32Array>>,
): Promise<Float32Array[]> {
  const names = Object.keys(slices);
  if (names.length === 0 || names.some((name) => !modalities.includes(name))) {
    const expected = `one or more of ${modalities.join(', ')}`;
    fail('bad-argument', { where: 'segmenter', expected, got: names.join(', ') || 'none' });
  }
  const length = slices[names[0]!]!.length;
  const pixels = sliceSide ** 2;
  if (length % pixels !== 0 || names.some((name) => slices[name]!.length !== length)) {
    fail('bad-shape', {
      where: 'slices to segment',
      expected: `volumes of equally many slices of ${sliceSide}×${sliceSide}`,
      got: names.map((name) => `${slices[name]!.length} values of ${name}`).join(', '),
    });
  }
  const found = regions.map(() => new Float32Array(length));
  const wanted = Array.from({ length: length / pixels }, (_, k) => k).filter((k) =>
    names.some((name) => slices[name]!.subarray(k * pixels, (k + 1) * pixels).some((v) => v > missingValue)),
  );
  for (let start = 0; start < wanted.length; start += batchSize) {
    const part = wanted.slice(start, start + batchSize);
    const image = new Float32Array(part.length * modalities.length * pixels).fill(missingValue);
    part.forEach((k, n) => {
      modalities.forEach((name, m) => {
        const volume = slices[name]?.subarray(k * pixels, (k + 1) * pixels);
        if (volume) image.set(volume, (n * modalities.length + m) * pixels);
      });
    });
    const probabilities = await network(
      tensor(image, [part.length, modalities.length, sliceSide, sliceSide]),
    );
    part.forEach((k, n) => {
      regions.forEach((_, r) => {
        const from = (n * regions.length + r) * pixels;
        found[r]!.set(probabilities.subarray(from, from + pixels), k * pixels);
      });
    });
  }
  return found;
}
