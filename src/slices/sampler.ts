import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';

/** Where in the data an iteration stands. */
interface BatchPlace {
  readonly epoch: number;
  /** The slices of this iteration's batch. */
  readonly indices: readonly number[];
  /** The order of all slices in this epoch. */
  readonly order: readonly number[];
}

/** How many whole batches an epoch has; the slices left over are dropped, others in each epoch. */
export function batchesPerEpoch(count: number, batchSize: number): number {
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= count)) {
    fail('bad-argument', {
      where: 'batch size',
      expected: `a whole number from 1 to the ${count} slices there are`,
      got: `${batchSize}`,
      todo: 'Choose a smaller batch or add cases.',
    });
  }
  return Math.floor(count / batchSize);
}

/**
 * The slices of an iteration, as a pure function: resuming needs nothing but the iteration's number.
 *
 * Epoch e runs through a random order of all slices, drawn from (seed, e).
 *
 * @param place.iteration from 0
 * @throws UtadError bad-argument when a batch is larger than the data.
 */
export function batchIndices(place: {
  readonly seed: number;
  readonly iteration: number;
  readonly batchSize: number;
  readonly count: number;
}): BatchPlace {
  const { seed, iteration, batchSize, count } = place;
  const perEpoch = batchesPerEpoch(count, batchSize);
  const epoch = Math.floor(iteration / perEpoch);
  const order = createRandom(seed, 'epoch', epoch).permutation(count);
  const start = (iteration - epoch * perEpoch) * batchSize;
  return { epoch, indices: order.slice(start, start + batchSize), order };
}
