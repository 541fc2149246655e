import { createRandom } from '../base/random.js';
import type { ModelFile, ModelFilePlan } from '../engine/files/model-file.js';
import { oneHots, type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import { contextPlanes } from '../model/context-input.js';
import { modelNames } from '../model/translation-graph.js';
import type { FileNetwork } from './model-metadata.js';
import type { SliceInputs, SliceNetwork } from './translate-slices.js';

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
export function modelPlan(where: string, model: FileNetwork): ModelFilePlan {
  const { sliceSide, modalities } = model;
  const [first, second] = [0, 1].map((index) => oneHots(1, modalities.length, index)) as [Tensor, Tensor];
  const planes = contextPlanes(model);
  const image = slicesOfNoise(1, sliceSide);
  const isAny = model.network === 'any-source';
  const trial = inputsOf(model, {
    image,
    sources: isAny ? slicesOfNoise(modalities.length, sliceSide) : null,
    present: isAny ? tensor(new Float32Array(modalities.length).fill(1), [1, modalities.length]) : null,
    target: first,
    source: second,
    contextSlices: planes === 0 ? null : slicesOfNoise(planes, sliceSide),
    mask: model.tumourMask
      ? tensor(
          image.data.map((value) => Number(value > 0)),
          image.shape,
        )
      : null,
  });
  return { where, output: modelNames.translated, trial, agreement };
}

/** A model's file as a network of slices. */
export function sessionOf(file: ModelFile, model: FileNetwork): ModelSession {
  return {
    device: file.device,
    network: (given) => file.run(inputsOf(model, given)),
    close: file.close,
  };
}

function inputsOf(
  { sourceConditioning }: FileNetwork,
  { image, sources, present, target, source, contextSlices, mask }: SliceInputs,
): Tensors {
  return {
    ...(sources === null || present === null
      ? { [modelNames.image]: image }
      : { [modelNames.sources]: sources, [modelNames.present]: present }),
    [modelNames.target]: target,
    ...(sourceConditioning ? { [modelNames.source]: source } : {}),
    ...(contextSlices === null ? {} : { [modelNames.contextSlices]: contextSlices }),
    ...(mask === null ? {} : { [modelNames.mask]: mask }),
  };
}

/** [1,C,S,S] */
function slicesOfNoise(planes: number, side: number): Tensor {
  const random = createRandom('model trial');
  return tensor(
    Float32Array.from({ length: planes * side ** 2 }, () => 2 * random.uniform() - 1),
    [1, planes, side, side],
  );
}
