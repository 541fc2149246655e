import type { Triple } from '../imaging/volume.js';

/** Gaussian blur, standard deviation in grid steps along each axis; borders repeat. Returns a new array. */
export function blur(field: Float32Array, size: Triple, sigma: Triple): Float32Array {
  let current = field;
  let stride = 1;
  for (let axis = 0; axis < 3; axis++) {
    if (sigma[axis]! > 0.05) current = blurAxis(current, size[axis]!, stride, sigma[axis]!);
    stride *= size[axis]!;
  }
  return current === field ? field.slice() : current;
}

function blurAxis(field: Float32Array, count: number, stride: number, sigma: number): Float32Array {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp(-0.5 * (d / sigma) ** 2));
  const total = weights.reduce((sum, weight, d) => sum + (d === 0 ? weight : 2 * weight), 0);
  const out = new Float32Array(field.length);
  const block = count * stride;
  for (let start = 0; start < field.length; start += block) {
    for (let q = 0; q < count; q++) {
      const row = start + q * stride;
      for (let d = -reach; d <= reach; d++) {
        const weight = weights[Math.abs(d)]! / total;
        const from = start + Math.min(Math.max(q + d, 0), count - 1) * stride;
        for (let s = 0; s < stride; s++) out[row + s]! += weight * field[from + s]!;
      }
    }
  }
  return out;
}
