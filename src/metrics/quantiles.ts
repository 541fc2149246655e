import { fail } from '../base/errors.js';
import { sortedQuantile } from '../base/sorted-quantile.js';

/** Number of values in a quantile table: the quantiles 0/256, 1/256 … 256/256. */
export const quantileCount = 257;

const defaultBins = 4096;

/**
 * The quantiles 0/256 … 256/256 of some values, with linear interpolation between neighbours.
 *
 * @throws UtadError bad-value when there are no values.
 * @source numpy.quantile, method `linear`.
 */
export function quantileTable(values: Float32Array): number[] {
  if (values.length === 0) fail('bad-value', { where: 'quantiles', expected: 'some values', got: 'none' });
  const sorted = values.slice().sort();
  return Array.from({ length: quantileCount }, (_, i) => sortedQuantile(sorted, i / (quantileCount - 1)));
}

/** Quantiles of more values than fit in memory, to within half a bin. */
interface QuantileAccumulator {
  /** Adds values on [0, 1] (others are clamped); with a mask only those where it is 1. */
  readonly add: (values: Float32Array, mask?: Uint8Array) => void;
  /** Adds prepared slices on [−1, 1], where the mask is 1. */
  readonly addSlices: (slices: Float32Array, brain: Uint8Array) => void;
  /** Number of values added. */
  readonly count: () => number;
  /** The quantile table so far. @throws UtadError bad-value when no value was added. */
  readonly table: () => number[];
}

/** Starts an empty histogram of values on [0, 1], by default with 4096 bins whose centres include 0 and 1. */
export function createQuantileAccumulator(bins = defaultBins): QuantileAccumulator {
  const counts = new Float64Array(bins);
  let total = 0;
  const addScaled = (values: Float32Array, mask: Uint8Array | undefined, scale: number, shift: number) => {
    if (mask && mask.length !== values.length) {
      fail('bad-shape', { where: 'mask', expected: `${values.length} pixels`, got: `${mask.length}` });
    }
    for (let i = 0; i < values.length; i++) {
      if (mask && !mask[i]) continue;
      const value = values[i]! * scale + shift;
      if (Number.isNaN(value))
        fail('bad-value', { where: 'quantiles', expected: 'finite values', got: 'NaN' });
      counts[Math.round(Math.min(1, Math.max(0, value)) * (bins - 1))]!++;
      total++;
    }
  };
  return {
    add: (values, mask) => addScaled(values, mask, 1, 0),
    addSlices: (slices, brain) => addScaled(slices, brain, 0.5, 0.5),
    count: () => total,
    table: () => {
      if (total === 0) fail('bad-value', { where: 'quantiles', expected: 'some values', got: 'none' });
      let bin = 0;
      let before = counts[0]!;
      return Array.from({ length: quantileCount }, (_, i) => {
        const position = (i / (quantileCount - 1)) * (total - 1);
        while (before <= position) before += counts[++bin]!;
        return bin / (bins - 1);
      });
    },
  };
}
