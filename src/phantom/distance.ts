import { type Grid, pointsOf } from './grid.js';

/**
 * Exact Euclidean distance in millimetres from every point to the nearest point where `inside` is 1.
 *
 * @source Felzenszwalb and Huttenlocher, Theory of Computing 8:415 (2012): lower envelope of parabolas, axis by axis.
 */
export function distanceTo(inside: Uint8Array, grid: Omit<Grid, 'originMm'>): Float32Array {
  const [ni, nj, nk] = grid.size;
  const squared = new Float64Array(pointsOf(grid));
  const far = 1e12;
  for (let index = 0; index < squared.length; index++) squared[index] = inside[index] === 1 ? 0 : far;
  const axes = [
    { count: ni, stride: 1 },
    { count: nj, stride: ni },
    { count: nk, stride: ni * nj },
  ];
  for (const { count, stride } of axes) {
    const work = createEnvelope(count);
    const block = count * stride;
    for (let start = 0; start < squared.length; start += block) {
      for (let line = start; line < start + stride; line++) work(squared, line, stride);
    }
  }
  const distance = new Float32Array(squared.length);
  for (let index = 0; index < distance.length; index++)
    distance[index] = Math.sqrt(squared[index]!) * grid.spacingMm;
  return distance;
}

/** 1 where a field lies above a threshold, 0 elsewhere. */
export function whereAbove(field: Float32Array, threshold: number): Uint8Array {
  const set = new Uint8Array(field.length);
  for (let index = 0; index < set.length; index++) set[index] = field[index]! > threshold ? 1 : 0;
  return set;
}

/** Signed distance to the border of a set, millimetres: positive inside. */
export function signedDepth(inside: Uint8Array, grid: Grid): Float32Array {
  const outside = inside.map((value) => 1 - value);
  const toOutside = distanceTo(outside, grid);
  const toInside = distanceTo(inside, grid);
  // The border lies half a step from the last point on either side.
  const half = grid.spacingMm / 2;
  return toOutside.map((depth, index) => (depth > 0 ? depth - half : half - toInside[index]!));
}

function createEnvelope(count: number): (values: Float64Array, start: number, stride: number) => void {
  const line = new Float64Array(count);
  const apex = new Int32Array(count);
  const edge = new Float64Array(count + 1);
  return (values, start, stride) => {
    for (let q = 0; q < count; q++) line[q] = values[start + q * stride]!;
    let last = 0;
    apex[0] = 0;
    edge[0] = -Infinity;
    edge[1] = Infinity;
    for (let q = 1; q < count; q++) {
      let crossing = crossingOf(line, q, apex[last]!);
      while (crossing <= edge[last]!) {
        last--;
        crossing = crossingOf(line, q, apex[last]!);
      }
      last++;
      apex[last] = q;
      edge[last] = crossing;
      edge[last + 1] = Infinity;
    }
    let part = 0;
    for (let q = 0; q < count; q++) {
      while (edge[part + 1]! < q) part++;
      const from = apex[part]!;
      values[start + q * stride] = (q - from) ** 2 + line[from]!;
    }
  };
}

function crossingOf(line: Float64Array, q: number, v: number): number {
  return (line[q]! + q * q - (line[v]! + v * v)) / (2 * (q - v));
}
