import { requireArguments } from '../base/arguments.js';
import { refuse } from '../base/errors.js';
import { readOnnxMetadata } from '../engine/onnx/read-onnx-metadata.js';
import { convertEarlierNetwork } from '../model/earlier-network.js';
import { type ModelMetadata, modelFormatVersion, modelMetadataSchema } from './model-metadata.js';
import { metadataKey } from './write-model.js';

/**
 * Reads what a model file says of itself, skipping everything else in it.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is cut off, no ONNX file or not written by this program; not-supported
 *   when it has a newer format, or a network with an option that was removed.
 */
export function readModelMetadata(bytes: Uint8Array, where: string): ModelMetadata {
  requireArguments('readModelMetadata', { bytes: [bytes, 'bytes'], where: [where, 'text'] });
  return readOnnxMetadata(bytes, where, {
    key: metadataKey,
    schema: modelMetadataSchema,
    newest: modelFormatVersion,
    name: 'a model file of utad-net',
    todo: 'Give a model that utad-net has written.',
    convert: convertEarlierNetwork,
  });
}

/**
 * The same for who has no masks to give.
 *
 * @throws UtadError as {@link readModelMetadata}; not-supported for the model of a teacher.
 */
export function readMasklessModelMetadata(bytes: Uint8Array, where: string): ModelMetadata {
  const metadata = readModelMetadata(bytes, where);
  if (!metadata.model.tumourMask) return metadata;
  return refuse('not-supported', {
    where,
    problem: 'this is the model of a teacher, which needs tumour masks',
    todo: 'Take the model of a student; utad translate takes this one, with --mask.',
  });
}
