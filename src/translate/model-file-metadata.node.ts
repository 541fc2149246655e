import { readInput } from '../base/files.node.js';
import type { ModelMetadata } from './model-metadata.js';
import { readModelMetadata } from './read-model.js';

/** Reads the metadata of a model file without loading its network. @throws UtadError not-found, io, or as `readModelMetadata`. */
export async function readModelFileMetadata(path: string): Promise<ModelMetadata> {
  return readModelMetadata(await readInput(path), path);
}
