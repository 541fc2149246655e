import { fail } from '../base/errors.js';
import { refuseField } from '../base/wrong-field.js';
import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { constant, input } from '../engine/graph/operations.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import {
  type SegmenterConfiguration,
  segmenterPrefix,
  segmenterSpecs,
  segmentLogits,
  sigmoid,
} from '../model/segmenter-network.js';
import {
  type SegmenterMetadata,
  segmenterMetadataKey,
  segmenterMetadataSchema,
} from './segmenter-metadata.js';

/** Names of a segmenter file's input and output. */
export const segmenterNames = { image: 'image', probabilities: 'probabilities' } as const;

/**
 * Writes a segmenter as a file for use: `image` [N,M,S,S] to `probabilities` [N,R,S,S], for any N.
 *
 * @param tensors of a training state, `S.*`
 * @param metadata travels inside the file
 * @throws UtadError bad-configuration when the metadata contradict themselves, not-found when a tensor is missing.
 */
export function writeSegmenter(tensors: Tensors, metadata: SegmenterMetadata): Uint8Array {
  const checked = segmenterMetadataSchema.safeParse(metadata);
  if (!checked.success)
    refuseField('bad-configuration', 'segmenter metadata', checked.error.issues[0]!, metadata);
  const { model, created, codeVersion } = metadata;
  return writeOnnx(segmenterGraph(model, tensors), {
    openBatch: true,
    producerVersion: codeVersion,
    metadata: {
      [segmenterMetadataKey]: JSON.stringify(metadata),
      [`${segmenterMetadataKey}.modalities`]: model.modalities.join(','),
      [`${segmenterMetadataKey}.regions`]: model.regions.join(','),
      [`${segmenterMetadataKey}.created`]: created,
      [`${segmenterMetadataKey}.purpose`]: 'finds tumours in skull-stripped brain MRI; for research only',
    },
  });
}

/** The computation of a segmenter file with one slice as its batch. @throws UtadError not-found, naming the tensor. */
function segmenterGraph(model: SegmenterConfiguration, tensors: Tensors): Graph {
  const parameters: Record<string, Node> = {};
  for (const { name, shape, role } of segmenterSpecs(model)) {
    if (role === 'inert') continue;
    const given = tensors[`${segmenterPrefix}${name}`];
    if (given === undefined)
      fail('not-found', { where: 'segmenter', expected: `a tensor ${name}`, got: 'none of that name' });
    parameters[name] = constant(given.data, shape);
  }
  const image = input(segmenterNames.image, [1, model.modalities.length, model.sliceSide, model.sliceSide]);
  const probabilities = sigmoid(segmentLogits(model, parameters, image));
  return createGraph('segmenter', { [segmenterNames.probabilities]: probabilities });
}
