import { createRandom } from '../base/random.js';
import type { ModelFile, ModelFilePlan } from '../engine/model-file.js';
import { oneHots, type Tensor, type Tensors, tensor } from '../engine/tensor.js';
import type { GeneratorConfiguration } from '../model/configuration.js';
import type { SliceNetwork } from './translate-slices.js';
import { modelNames } from './write-model.js';

/** A model on a device. */
export interface ModelSession {
  readonly device: string;
  readonly network: SliceNetwork;
  readonly close: () => Promise<void>;
}

/** How far a device may be from the processor anywhere in a slice, on the scale of −1 to 1. */
const agreement = 0.01;

/**
 * What a model's file looks like from outside, and a slice of noise to try devices out with.
 *
 * @param where the model file's name, for messages
 */
export function modelPlan(where: string, model: GeneratorConfiguration): ModelFilePlan {
  const { sliceSide, modalities } = model;
  const [first, second] = [0, 1].map((index) => oneHots(1, modalities.length, index)) as [Tensor, Tensor];
  const trial = inputsOf(model, sliceOfNoise(sliceSide), first, second);
  return { where, output: modelNames.translated, trial, agreement };
}

/** A model's file as a network of slices. */
export function sessionOf(file: ModelFile, model: GeneratorConfiguration): ModelSession {
  return {
    device: file.device,
    network: (image, target, source) => file.run(inputsOf(model, image, target, source)),
    close: file.close,
  };
}

function inputsOf(
  { sourceConditioning }: GeneratorConfiguration,
  image: Tensor,
  target: Tensor,
  source: Tensor,
): Tensors {
  return {
    [modelNames.image]: image,
    [modelNames.target]: target,
    ...(sourceConditioning ? { [modelNames.source]: source } : {}),
  };
}

/** [1,1,S,S] */
function sliceOfNoise(side: number): Tensor {
  const random = createRandom('model trial');
  return tensor(
    Float32Array.from({ length: side ** 2 }, () => 2 * random.uniform() - 1),
    [1, 1, side, side],
  );
}
