import { availableParallelism } from 'node:os';

/** What a worker takes beside its model: the runtime, and a dozen copies of a head at 1 mm. */
const workerBytes = 1.2e9;
/** Weights as read, as loaded and as laid out for speed, and the network's activations. */
const copiesOfModel = 4;
/** More processes than this read and write faster than disks do. */
const mostWorkers = 16;

/**
 * How many workers suit this machine: one a core, as far as the free memory goes.
 *
 * @param modelBytes size of the model file
 * @param jobs how many jobs there are
 */
export function defaultWorkers(
  modelBytes: number,
  jobs: number,
  cores = availableParallelism(),
  freeBytes = process.availableMemory(),
): number {
  const fitting = Math.floor((0.8 * freeBytes) / (workerBytes + copiesOfModel * modelBytes));
  return Math.max(1, Math.min(cores, fitting, jobs, mostWorkers));
}
