import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import type { SliceStore } from './slice-store.js';

/** A training batch of N slices of side S with M modalities. */
export interface Batch {
  /** [N, 1, S, S] in [−1, 1]. */
  readonly image: Float32Array;
  /** [N, 1, S, S], 1 in the whole tumour, else 0. */
  readonly mask: Float32Array;
  /** [N, M], one-hot: the modality of each slice. */
  readonly source: Float32Array;
  /** [N, M], one-hot: the modality each slice is to be translated to. */
  readonly target: Float32Array;
}

/**
 * Reads the slices of a batch. The targets are the batch's sources in a random order, drawn from
 * (seed, iteration): as many slices are asked for in each modality as are there.
 *
 * With `mirror`, each slice and its mask are mirrored left to right or not, drawn from (seed, iteration) too.
 *
 * @throws UtadError bad-value when a slice's modality is not below `modalityCount`.
 */
export function assembleBatch(
  store: SliceStore,
  indices: readonly number[],
  options: {
    readonly seed: number;
    readonly iteration: number;
    readonly modalityCount: number;
    readonly mirror?: boolean;
  },
): Batch {
  const { seed, iteration, modalityCount } = options;
  const pixels = store.side ** 2;
  const image = new Float32Array(indices.length * pixels);
  const mask = new Float32Array(indices.length * pixels);
  const coin = createRandom(seed, 'mirror', iteration);
  indices.forEach((index, position) => {
    const record = store.read(index);
    const mirrored = options.mirror === true && coin.uniform() < 0.5;
    image.set(mirrored ? mirrorRows(record.image, store.side) : record.image, position * pixels);
    mask.set(mirrored ? mirrorRows(record.mask, store.side) : record.mask, position * pixels);
  });
  const sources = indices.map((index) => store.entries[index]!.modality);
  const order = createRandom(seed, 'targets', iteration).permutation(indices.length);
  const targets = order.map((position) => sources[position]!);
  return { image, mask, source: oneHot(sources, modalityCount), target: oneHot(targets, modalityCount) };
}

/** Each row of [S, S] turned round. */
function mirrorRows<T extends Float32Array | Uint8Array>(slice: T, side: number): T {
  const turned = slice.slice() as T;
  for (let row = 0; row < side; row++) turned.subarray(row * side, (row + 1) * side).reverse();
  return turned;
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
