import { createRandom } from '../base/random.js';
import { openModelFile } from '../engine/open-model-file.node.js';
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

/** How far a device may be from the CPU anywhere in a slice, on the scale of −1 to 1. */
const agreement = 0.01;

/**
 * Loads a model on a device, which must agree with the CPU.
 *
 * @param device `cpu`; `auto`, the fastest device that computes rightly; or a name
 * @param where the model file's name, for messages
 * @throws UtadError as `openModelFile`.
 */
export async function openModel(
  bytes: Uint8Array,
  where: string,
  model: GeneratorConfiguration,
  device: string,
  threads: number | undefined,
): Promise<ModelSession> {
  const inputs = (image: Tensor, target: Tensor, source: Tensor): Tensors => ({
    [modelNames.image]: image,
    [modelNames.target]: target,
    ...(model.sourceConditioning ? { [modelNames.source]: source } : {}),
  });
  const { sliceSide, modalities } = model;
  const [first, second] = [0, 1].map((index) => oneHots(1, modalities.length, index)) as [Tensor, Tensor];
  const trial = inputs(sliceOfNoise(sliceSide), first, second);
  const file = await openModelFile(
    bytes,
    { where, output: modelNames.translated, trial, agreement },
    device,
    threads,
  );
  return {
    device: file.device,
    network: (image, target, source) => file.run(inputs(image, target, source)),
    close: file.close,
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
