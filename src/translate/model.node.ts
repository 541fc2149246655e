import { readInput } from '../base/files.node.js';
import { type LoadedModel, loadedModel } from './loaded-model.js';
import { openModel } from './model-session.node.js';
import { readModelMetadata } from './read-model.js';

/** Settings of {@link loadModel}. */
export interface LoadModelOptions {
  /** `cpu` unless given; `auto` takes the fastest device that agrees with the CPU. */
  readonly device?: string;
  /** Threads on the CPU; all cores when left out. */
  readonly threads?: number;
}

/**
 * Loads a model file.
 *
 * @throws UtadError not-found, bad-file when it is damaged or none of ours, not-supported when its format is
 *   newer or the device is not there or computes wrongly.
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<LoadedModel> {
  const { device = 'cpu', threads } = options;
  const bytes = await readInput(path);
  const metadata = readModelMetadata(bytes, path);
  const session = await openModel(bytes, path, metadata.model, device, threads);
  return loadedModel(metadata, session);
}
