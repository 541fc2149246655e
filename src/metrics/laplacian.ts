import type { MaskGrid } from './mask-grid.js';

/** An axis counts when its voxels are at most so many times as wide as the narrowest ones. */
const widestStep = 1.5;

type AxisSteps = readonly { readonly step: number; readonly size: number; readonly weight: number }[];

/**
 * Strides, sizes and weights of the axes along which fine detail is measured: those whose spacing is at most 1.5 times the smallest one.
 * Thick slices are left out: their neighbours are another place of the brain, and no detail.
 */
function detailAxes({ slices, rows, columns, spacingMm }: MaskGrid): AxisSteps {
  const axes = [
    { step: 1, size: columns, mm: spacingMm.columns },
    { step: columns, size: rows, mm: spacingMm.rows },
    { step: rows * columns, size: slices, mm: spacingMm.slices },
  ];
  const finest = Math.min(...axes.map(({ mm }) => mm));
  return axes
    .filter(({ mm }) => mm <= widestStep * finest)
    .map(({ step, size, mm }) => ({ step, size, weight: (finest / mm) ** 2 }));
}

/** Whether fine detail is measured across slices as well. */
export function measuresAcrossSlices(grid: MaskGrid): boolean {
  return detailAxes(grid).some(({ step }) => step === grid.rows * grid.columns);
}

/**
 * Absolute value of the discrete Laplacian, Σ w (x[−1] − 2 x + x[+1]) over the axes that are not thicker than 1.5 times the finest
 * one, w = (finest spacing / spacing)².
 *
 * @param image [K, rows, columns]
 * @param places slices that are wanted
 * @param inside [K, rows, columns]; where it is 0 the result is 0. Neighbours have to lie within the volume there.
 * @returns [n, rows, columns] of the n places
 */
export function absoluteLaplacian(
  image: Float32Array,
  grid: MaskGrid,
  places: readonly number[],
  inside: Uint8Array,
): Float32Array {
  const area = grid.rows * grid.columns;
  const axes = detailAxes(grid);
  const out = new Float32Array(places.length * area);
  places.forEach((k, n) => {
    const to = n * area;
    for (const { step, weight } of axes) {
      for (let p = 0; p < area; p++) {
        const i = k * area + p;
        if (inside[i]) out[to + p]! += weight * (image[i - step]! - 2 * image[i]! + image[i + step]!);
      }
    }
    for (let p = to; p < to + area; p++) out[p] = Math.abs(out[p]!);
  });
  return out;
}

/**
 * A mask less its outermost voxels along the axes that {@link absoluteLaplacian} takes: where every neighbour is inside, too.
 *
 * @param mask [K, rows, columns], not 0 inside
 * @returns same shape, 0 and 1
 */
export function interiorOf(mask: Uint8Array, grid: MaskGrid): Uint8Array {
  const out = Uint8Array.from(mask);
  for (const { step, size } of detailAxes(grid)) {
    for (let i = 0; i < mask.length; i++) {
      if (out[i] === 0) continue;
      const at = Math.floor(i / step) % size;
      const isInner = at > 0 && at < size - 1 && mask[i - step] !== 0 && mask[i + step] !== 0;
      out[i] = isInner ? 1 : 0;
    }
  }
  return out;
}
