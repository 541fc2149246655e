import { readInput } from '../base/files.node.js';
import { requireWholeModel } from '../engine/files/model-checksum.node.js';
import type { ModelMetadata } from './model-metadata.js';
import { readModelMetadata } from './read-model.js';

/** A model file's bytes. @throws UtadError not-found, io, or bad-file when they are not those that were written. */
export async function readWholeModel(path: string): Promise<Uint8Array> {
  const bytes = await readInput(path);
  requireWholeModel(bytes, path);
  return bytes;
}

/** Reads the metadata of a model file without loading its network. @throws UtadError not-found, io, or as `readModelMetadata`. */
export async function readModelFileMetadata(path: string): Promise<ModelMetadata> {
  return readModelMetadata(await readWholeModel(path), path);
}
