import type { Node } from '../engine/graph.js';
import { leakyRelu, reshape } from '../engine/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import type { ModelConfiguration } from './configuration.js';

/** Slope of the leaky ReLU after the first and after every other layer, as published. */
const [firstSlope, slope] = [0.001, 0.01];

/** A critic's two heads. */
export interface CriticResult {
  /** How real each patch looks, unbounded, [N,1,s,s] with s = S/2^layers. */
  readonly source: Node;
  /** Logits of the modality, [N,M]. */
  readonly modality: Node;
}

/** Parameters of one critic under their published names. */
export function criticSpecs({
  modalities,
  sliceSide,
  criticFeatures,
  criticLayers,
}: ModelConfiguration): ParameterSpec[] {
  const deepest = criticFeatures * 2 ** (criticLayers - 1);
  const layers = Array.from({ length: criticLayers }, (_, i) =>
    convolutionSpecs(
      `main.${2 * i}`,
      { inputs: i === 0 ? 1 : criticFeatures * 2 ** (i - 1), outputs: criticFeatures * 2 ** i, kernel: 4 },
      'weight',
    ),
  );
  return [
    ...layers.flat(),
    ...convolutionSpecs('conv1', { inputs: deepest, outputs: 1, kernel: 3 }, null),
    ...convolutionSpecs(
      'conv2',
      { inputs: deepest, outputs: modalities.length, kernel: sliceSide / 2 ** criticLayers },
      null,
    ),
  ];
}

/**
 * Judges slices [N,1,S,S].
 *
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024; a PatchGAN critic with a class head as in StarGAN (Choi 2018).
 */
export function judge({ criticLayers }: ModelConfiguration, parameters: Parameters, x: Node): CriticResult {
  let value = x;
  for (let i = 0; i < criticLayers; i++) {
    // [N,C,H,W] → [N,2C,H/2,W/2]
    const name = `main.${2 * i}`;
    value = leakyRelu(
      addBias(parameters, name, convolve(parameters, name, value, 2, 1)),
      i === 0 ? firstSlope : slope,
    );
  }
  const logits = convolve(parameters, 'conv2', value, 1, 0);
  return {
    source: convolve(parameters, 'conv1', value, 1, 1),
    // [N,M,1,1] → [N,M]
    modality: reshape(logits, [logits.shape[0]!, logits.shape[1]!]),
  };
}
