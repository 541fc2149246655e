import { readOnnxMetadata } from '../engine/read-onnx-metadata.js';
import { type ModelMetadata, modelFormatVersion, modelMetadataSchema } from './model-metadata.js';
import { metadataKey } from './write-model.js';

/**
 * Reads what a model file says of itself, skipping everything else in it.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is cut off, no ONNX file or not written by this program; not-supported
 *   when it has a newer format.
 */
export function readModelMetadata(bytes: Uint8Array, where: string): ModelMetadata {
  return readOnnxMetadata(bytes, where, {
    key: metadataKey,
    schema: modelMetadataSchema,
    newest: modelFormatVersion,
    name: 'a model file of utad-net',
    todo: 'Give a model that utad-net has written.',
  });
}
