/// <reference lib="esnext.disposable" preserve="true" />
import { requireArguments } from '../base/arguments.js';
import { fail } from '../base/errors.js';
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

/** A model that `await using` closes where it goes out of scope. */
interface DisposableModel extends LoadedModel, AsyncDisposable {}

/**
 * Loads a model file.
 *
 * @throws UtadError not-found, bad-file when it is damaged or none of ours, not-supported when its format is
 *   newer or the device is not there or computes wrongly.
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<DisposableModel> {
  requireArguments('loadModel', { path: [path, 'text'], options: [options, 'object'] });
  requireArguments('loadModel', { 'options.device': [options.device, 'text?'] });
  const { device = 'cpu', threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    fail('bad-argument', { where: 'threads', expected: 'a whole number above 0', got: String(threads) });
  const bytes = await readInput(path);
  const metadata = readModelMetadata(bytes, path);
  const session = await openModel(bytes, path, metadata.model, device, threads);
  const model = loadedModel(metadata, session);
  return { ...model, [Symbol.asyncDispose]: model.close };
}
