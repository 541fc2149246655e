import { fail } from '../base/errors.js';
import { refuseField } from '../base/wrong-field.js';
import type { Graph, Node } from '../engine/graph/graph.js';
import { constant, input } from '../engine/graph/operations.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { type PackedWeights, packWeights } from '../engine/onnx/pack-weights.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { generatorSpecs, servesTumourAlone } from '../model/generator.js';
import type { GeneratorConfiguration } from '../model/network-configuration.js';
import { translationGraph } from '../model/translation-graph.js';
import { type FileNetwork, type ModelMetadata, modelMetadataSchema } from './model-metadata.js';

/** Key of the metadata as JSON; keys behind a dot repeat single fields for people. */
export const metadataKey = 'utad';

/**
 * Writes a generator as a model file for use: `image` [N,1,S,S] and `target` [N,M] one-hot to `translated`
 * [N,1,S,S], for any N, with a one-hot `source` [N,M] where the network takes it and `contextSlices` [N,2k,S,S] where it
 * takes them. The image goes to both encoders; with `tumourMask` there is a `mask` [N,1,S,S] of 0 and 1 as well, and the
 * tumour that it cuts out goes to the second one. The tumour decoder is left out.
 *
 * @param generator tensors under their published names; those of the tumour decoder may be absent
 * @param metadata travels inside the file
 * @param weights how the kernels lie in the file; the network computes in float32 whatever they are
 * @throws UtadError bad-configuration when the metadata contradict themselves, not-found when a tensor is
 *   missing, bad-shape when one has another shape.
 */
export function writeModel(
  generator: Tensors,
  metadata: ModelMetadata,
  weights: 'float32' | PackedWeights = 'float32',
): Uint8Array {
  const checked = modelMetadataSchema.safeParse(metadata);
  if (!checked.success)
    refuseField('bad-configuration', 'model metadata', checked.error.issues[0]!, metadata);
  const file = writeOnnx(inferenceGraph(metadata.model, generator), {
    openBatch: true,
    producerVersion: metadata.codeVersion,
    metadata: {
      [metadataKey]: JSON.stringify(metadata),
      [`${metadataKey}.modalities`]: metadata.model.modalities.join(','),
      [`${metadataKey}.created`]: metadata.created,
      [`${metadataKey}.purpose`]: 'translates skull-stripped brain MRI between modalities; for research only',
    },
  });
  return weights === 'float32' ? file : packWeights(file, weights, 'model').file;
}

/**
 * The computation of a model file with one slice as its batch.
 *
 * @throws UtadError not-found or bad-shape, naming the tensor.
 */
export function inferenceGraph(
  model: GeneratorConfiguration & Pick<FileNetwork, 'tumourMask'>,
  generator: Tensors,
): Graph {
  const parameters: Record<string, Node> = {};
  for (const { name, shape, role } of generatorSpecs(model)) {
    const given = generator[name];
    // What the translated image does not depend on is named and never stored.
    if (servesTumourAlone(name) || role === 'inert') parameters[name] = input(name, shape, 'parameter');
    else if (given === undefined)
      fail('not-found', { where: 'generator', expected: `a tensor ${name}`, got: 'none of that name' });
    else parameters[name] = constant(requireShape(name, given.data, given.shape, shape), shape);
  }
  const { tumourMask = false } = model;
  return translationGraph({ name: 'utad-net translation', model, tumourMask, parameters, batchSize: 1 });
}

function requireShape(
  name: string,
  data: Float32Array,
  given: readonly number[],
  expected: readonly number[],
): Float32Array {
  if (given.join('×') === expected.join('×')) return data;
  return fail('bad-shape', { where: name, expected: expected.join('×'), got: given.join('×') });
}
