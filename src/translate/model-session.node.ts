import { createRandom } from '../base/random.js';
import { openModelFile } from '../engine/open-model-file.node.js';
import { type Tensors, tensor } from '../engine/tensor.js';
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
  const plan = { where, output: modelNames.translated, trial: oneSliceOfNoise(model), agreement };
  const file = await openModelFile(bytes, plan, device, threads);
  return {
    device: file.device,
    network: (image, target) => file.run({ [modelNames.image]: image, [modelNames.target]: target }),
    close: file.close,
  };
}

function oneSliceOfNoise({ sliceSide, modalities }: GeneratorConfiguration): Tensors {
  const random = createRandom('model trial');
  const noise = Float32Array.from({ length: sliceSide ** 2 }, () => 2 * random.uniform() - 1);
  const first = modalities.map((_, index) => (index === 0 ? 1 : 0));
  return {
    [modelNames.image]: tensor(noise, [1, 1, sliceSide, sliceSide]),
    [modelNames.target]: tensor(first, [1, modalities.length]),
  };
}
