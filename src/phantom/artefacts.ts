import type { Random } from '../base/random.js';
import type { Triple } from '../imaging/volume.js';

/** The slices of a scan: their thickness and the first one's lower face, both in steps of the grid along k. */
interface SliceStack {
  readonly thickness: number;
  readonly start: number;
}

/**
 * Takes the image slice by slice: averages over each slice's thickness, adds Rician noise, and interpolates back
 * onto the grid, as resampling to an atlas does. Works within the brain only.
 *
 * @param image ideal signal, [k][j][i]
 * @param brain 1 inside the brain
 * @param deviation standard deviation of the noise in each of the two channels, in the image's units
 * @source Gudbjartsson and Patz, Magn Reson Med 34:910 (1995): |S + n1 + i n2|.
 */
export function acquireSlices(
  image: Float32Array,
  brain: Uint8Array,
  size: Triple,
  stack: SliceStack,
  deviation: number,
  random: Random,
): Float32Array {
  const [ni, nj, nk] = size;
  const plane = ni * nj;
  const noisy = (value: number): number =>
    Math.hypot(value + deviation * random.normal(), deviation * random.normal());
  if (stack.thickness <= 1) return image.map((value, index) => (brain[index] === 1 ? noisy(value) : 0));

  const count = Math.ceil((nk - stack.start) / stack.thickness) + 1;
  const slices = new Float32Array(count * plane);
  const known = new Uint8Array(count * plane);
  for (let slice = 0; slice < count; slice++) {
    const low = stack.start + slice * stack.thickness;
    const high = low + stack.thickness;
    for (let p = 0; p < plane; p++) {
      let sum = 0;
      let weight = 0;
      for (let k = Math.max(0, Math.floor(low)); k < Math.min(nk, Math.ceil(high)); k++) {
        if (brain[k * plane + p] !== 1) continue;
        const overlap = Math.min(high, k + 1) - Math.max(low, k);
        sum += overlap * image[k * plane + p]!;
        weight += overlap;
      }
      if (weight <= 0) continue;
      slices[slice * plane + p] = noisy(sum / weight);
      known[slice * plane + p] = 1;
    }
  }
  const out = new Float32Array(image.length);
  for (let k = 0; k < nk; k++) {
    // Centre of voxel k among the centres of slices.
    const position = Math.max(0, (k + 0.5 - stack.start) / stack.thickness - 0.5);
    const lower = Math.min(Math.floor(position), count - 1);
    const upper = Math.min(lower + 1, count - 1);
    const share = position - lower;
    for (let p = 0; p < plane; p++) {
      const index = k * plane + p;
      if (brain[index] !== 1) continue;
      const a = known[lower * plane + p]! * (1 - share);
      const b = known[upper * plane + p]! * share;
      out[index] =
        a + b > 1e-6
          ? (a * slices[lower * plane + p]! + b * slices[upper * plane + p]!) / (a + b)
          : noisy(image[index]!);
    }
  }
  return out;
}
