import type { Node } from '../engine/graph/graph.js';
import { leakyRelu, reshape } from '../engine/graph/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import type { ModelConfiguration } from './network-configuration.js';

/** Slope of the leaky ReLU after the first and after every other layer, as published. */
const [publishedFirstSlope, slope] = [0.001, 0.01];

/** A critic's two heads. */
export interface CriticResult {
  /** How real each patch looks, unbounded, [N,1,s,s] with s = S/2^layers. */
  readonly source: Node;
  /** Logits of the modality, [N,M]. */
  readonly modality: Node;
}

/** What fixes the shape of a critic. */
export interface CriticShape
  extends Pick<ModelConfiguration, 'sliceSide' | 'criticBaseChannels' | 'criticLayers'> {
  /** Outputs of the class head; 0 for a critic that has none. */
  readonly classes: number;
  /** Slope of the leaky ReLU after the first layer; the published one when left out. */
  readonly firstSlope?: number;
}

/** Parameters of one critic under their published names. */
export function criticSpecs(model: ModelConfiguration): ParameterSpec[] {
  return criticShapeSpecs(shapeOf(model));
}

/** Parameters of a critic of any shape. */
export function criticShapeSpecs({
  classes,
  sliceSide,
  criticBaseChannels: criticFeatures,
  criticLayers,
}: CriticShape): ParameterSpec[] {
  const deepest = criticFeatures * 2 ** (criticLayers - 1);
  const layers = Array.from({ length: criticLayers }, (_, i) =>
    convolutionSpecs(
      `main.${2 * i}`,
      { inputs: i === 0 ? 1 : criticFeatures * 2 ** (i - 1), outputs: criticFeatures * 2 ** i, kernel: 4 },
      'weight',
    ),
  );
  const classHead = { inputs: deepest, outputs: classes, kernel: sliceSide / 2 ** criticLayers };
  return [
    ...layers.flat(),
    ...convolutionSpecs('conv1', { inputs: deepest, outputs: 1, kernel: 3 }, null),
    ...(classes === 0 ? [] : convolutionSpecs('conv2', classHead, null)),
  ];
}

/**
 * Scores slices [N,1,S,S].
 *
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024; a PatchGAN critic with a class head as in StarGAN (Choi 2018).
 */
export function scoreSlices(model: ModelConfiguration, parameters: Parameters, x: Node): CriticResult {
  return scoreSlicesByShape(shapeOf(model), parameters, x);
}

/** Scores slices [N,1,S,S] with a critic of any shape that has a class head; `modality` is [N, classes]. */
export function scoreSlicesByShape(shape: CriticShape, parameters: Parameters, x: Node): CriticResult {
  const seen = look(shape, parameters, x);
  const logits = convolve(parameters, 'conv2', seen, 1, 0);
  return {
    source: convolve(parameters, 'conv1', seen, 1, 1),
    // [N,C,1,1] → [N,C]
    modality: reshape(logits, [logits.shape[0]!, logits.shape[1]!]),
  };
}

/** The source map [N,1,s,s] alone. */
export function sourceMap(shape: CriticShape, parameters: Parameters, x: Node): Node {
  return convolve(parameters, 'conv1', look(shape, parameters, x), 1, 1);
}

/** The strided layers: [N,1,S,S] → the deepest features. */
function look(
  { criticLayers, firstSlope = publishedFirstSlope }: CriticShape,
  parameters: Parameters,
  x: Node,
): Node {
  let value = x;
  for (let i = 0; i < criticLayers; i++) {
    // [N,C,H,W] → [N,2C,H/2,W/2]
    const name = `main.${2 * i}`;
    value = leakyRelu(
      addBias(parameters, name, convolve(parameters, name, value, 2, 1)),
      i === 0 ? firstSlope : slope,
    );
  }
  return value;
}

function shapeOf(model: ModelConfiguration): CriticShape {
  const { sliceSide, criticBaseChannels: criticFeatures, criticLayers, modalities } = model;
  return { sliceSide, criticBaseChannels: criticFeatures, criticLayers, classes: modalities.length };
}
