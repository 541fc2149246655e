import { requireComparable, requireValueRange } from './region.js';
import { createWindowFilter, gaussianWindow } from './window-filter.js';

/** Voxels along the three axes of a volume. */
interface VolumeShape {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Structural similarity of two volumes with a Gaussian window in three dimensions (σ 1.5 voxels, 11 voxels wide), the mean over every voxel, background
 * included, less the border of 5 voxels that the window does not fill.
 *
 * Where both volumes are 0 throughout the window, the similarity is 1 and is not computed. Memory: 11 slices of four sums.
 *
 * @param first [K, rows, columns]
 * @param second same shape
 * @param valueRange largest minus smallest possible value
 * @returns null for volumes that are less than 11 voxels along an axis
 * @throws UtadError bad-argument, bad-shape or bad-value.
 * @source Wang et al. 2004; scikit-image `structural_similarity` of a three-dimensional image with `gaussian_weights=True, sigma=1.5,
 * use_sample_covariance=False`.
 */
export function volumeSsim(
  first: Float32Array,
  second: Float32Array,
  { slices, rows, columns }: VolumeShape,
  valueRange: number,
): number | null {
  const where = 'SSIM of volumes';
  requireValueRange(where, valueRange);
  requireComparable(where, first, second, slices * rows * columns);
  const window = gaussianWindow(1.5, 3.5);
  const { radius, weights } = window;
  const diameter = 2 * radius + 1;
  if (Math.min(slices, rows, columns) < diameter) return null;
  const [c1, c2] = [(0.01 * valueRange) ** 2, (0.03 * valueRange) ** 2];
  const area = rows * columns;
  const filter = createWindowFilter(rows, columns, window);
  /** Sums of the slices around the present one, each filtered within its plane; null where both volumes are 0. */
  const ring: (PlaneSums | null)[] = [];
  const sumsAt = (k: number): PlaneSums | null => {
    const [a, b] = [first, second].map((data) => data.subarray(k * area, (k + 1) * area)) as [
      Float32Array,
      Float32Array,
    ];
    if (a.every((value) => value === 0) && b.every((value) => value === 0)) return null;
    const planes = [
      Float64Array.from(a),
      Float64Array.from(b),
      Float64Array.from(a, (value, i) => value * value + b[i]! * b[i]!),
      Float64Array.from(a, (value, i) => value * b[i]!),
    ] as const;
    for (const plane of planes) filter(plane);
    return planes;
  };
  for (let k = 0; k < diameter - 1; k++) ring.push(sumsAt(k));
  let total = 0;
  const totals = [0, 1, 2, 3].map(() => new Float64Array(area));
  for (let k = radius; k < slices - radius; k++) {
    ring.push(sumsAt(k + radius));
    const inner = (rows - 2 * radius) * (columns - 2 * radius);
    if (ring.every((planes) => planes === null)) total += inner;
    else {
      for (const plane of totals) plane.fill(0);
      ring.forEach((planes, j) => {
        if (planes === null) return;
        const weight = weights[Math.abs(j - radius)]!;
        planes.forEach((plane, p) => {
          const into = totals[p]!;
          for (let i = 0; i < area; i++) into[i]! += weight * plane[i]!;
        });
      });
      const [meanA, meanB, squares, products] = totals as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let row = radius; row < rows - radius; row++) {
        for (let i = row * columns + radius; i < (row + 1) * columns - radius; i++) {
          const product = meanA[i]! * meanB[i]!;
          const means = meanA[i]! ** 2 + meanB[i]! ** 2;
          total +=
            ((2 * product + c1) * (2 * (products[i]! - product) + c2)) /
            ((means + c1) * (squares[i]! - means + c2));
        }
      }
    }
    ring.shift();
  }
  return total / ((slices - 2 * radius) * (rows - 2 * radius) * (columns - 2 * radius));
}

/** Of first, second, the sum of their squares, and their product. */
type PlaneSums = readonly [Float64Array, Float64Array, Float64Array, Float64Array];
