import { fail } from '../base/errors.js';

/** Features of several images: `data[i * dimensions + d]` is feature d of image i, [N, D]. */
export interface FeatureMatrix {
  readonly data: Float32Array | Float64Array;
  /** N, the number of images. */
  readonly samples: number;
  /** D, the number of features of each. */
  readonly dimensions: number;
}

/**
 * Refuses feature matrices that cannot be compared: fewer than two images, other lengths than they say, other numbers
 * of features, or values that are not finite.
 *
 * @throws UtadError bad-shape or bad-value.
 */
export function requireFeatures(where: string, first: FeatureMatrix, second: FeatureMatrix): void {
  for (const { data, samples, dimensions } of [first, second]) {
    if (!(Number.isInteger(samples) && samples >= 2 && Number.isInteger(dimensions) && dimensions >= 1)) {
      fail('bad-shape', {
        where,
        expected: 'two images or more, one feature or more',
        got: `[${samples}, ${dimensions}]`,
      });
    }
    if (data.length !== samples * dimensions) {
      fail('bad-shape', {
        where,
        expected: `${samples}×${dimensions} features`,
        got: `${data.length} values`,
      });
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const image = Math.floor(bad / dimensions);
      fail('bad-value', { where, expected: 'finite features', got: `${data[bad]} in image ${image}` });
    }
  }
  if (first.dimensions !== second.dimensions) {
    fail('bad-shape', {
      where,
      expected: 'as many features in both',
      got: `${first.dimensions} and ${second.dimensions}`,
      todo: 'Both must come from the same layer of the same network.',
    });
  }
}

/** Rows of the second matrix that stay in the processor's cache while all rows of the first pass by. */
const blockRows = 16;

/** Products of all rows of one matrix [rows, length] with all rows of another, [rows of the first, of the second]. */
export function rowProducts(first: Float64Array, second: Float64Array, length: number): Float64Array {
  const [rows, columns] = [first.length / length, second.length / length];
  const out = new Float64Array(rows * columns);
  for (let block = 0; block < columns; block += blockRows) {
    const end = Math.min(block + blockRows, columns);
    for (let i = 0; i < rows; i++) {
      const a = i * length;
      let j = block;
      // Four sums at once keep the processor's adders busy.
      for (; j + 4 <= end; j += 4) {
        const b = j * length;
        const [c, d, e] = [b + length, b + 2 * length, b + 3 * length];
        let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
        for (let k = 0; k < length; k++) {
          const value = first[a + k]!;
          sum0 += value * second[b + k]!;
          sum1 += value * second[c + k]!;
          sum2 += value * second[d + k]!;
          sum3 += value * second[e + k]!;
        }
        const at = i * columns + j;
        out[at] = sum0;
        out[at + 1] = sum1;
        out[at + 2] = sum2;
        out[at + 3] = sum3;
      }
      for (; j < end; j++) {
        let sum = 0;
        for (let k = 0; k < length; k++) sum += first[a + k]! * second[j * length + k]!;
        out[i * columns + j] = sum;
      }
    }
  }
  return out;
}
