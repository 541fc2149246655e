import type { Node } from '../engine/graph/graph.js';
import { concat, leakyRelu, slice, tanh } from '../engine/graph/operations.js';
import { withPlanes } from '../model/generator.js';
import type { GeneratorConfiguration } from '../model/network-configuration.js';
import { affineInstanceNorm, affineInstanceNormSpecs } from '../nn/affine-instance-norm.js';
import { averagePool } from '../nn/average-pool.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { upsampleNearest } from '../nn/upsampling.js';

const slope = 0.01;
/** Levels of each branch's encoder and decoder. */
const branchLevels = 2;
/** Levels of the middle that both branches share. */
const middleLevels = 3;

type Sizes = Pick<GeneratorConfiguration, 'baseChannels' | 'modalities'>;

/** What the generator gives. */
export interface TarganResult {
  /** The translated slices [N,1,S,S] in (−1, 1). */
  readonly image: Node;
  /** The translated targets [N,1,S,S] in (−1, 1). Left out of a program, it costs nothing. */
  readonly target: Node;
}

/**
 * Parameters: an encoder and a decoder of the image and of the target, and the middle of both.
 *
 * @param sizes an even number of features: half of them are kept as skips
 */
export function targanSpecs({ baseChannels: features, modalities }: Sizes): ParameterSpec[] {
  const inputs = 1 + modalities.length;
  const branch = (name: string): ParameterSpec[] => [
    ...downSpecs(`${name}_encoder`, inputs, features, branchLevels),
    ...upSpecs(`${name}_decoder`, features, branchLevels),
    ...convolutionSpecs(`${name}_decoder.score`, { inputs: features, outputs: 1, kernel: 1 }, 'weight'),
  ];
  const width = features * 2 ** branchLevels;
  return [
    ...branch('image'),
    ...branch('target'),
    ...downSpecs('middle.down', width / 2, width, middleLevels),
    ...upSpecs('middle.up', width, middleLevels - 1),
  ];
}

/**
 * Translates slices and their targets, each by a branch of its own around a shared middle, without any exchange between
 * them.
 *
 * @param image slices [N,1,S,S] in [−1, 1]
 * @param target the slices' targets, background −1
 * @param modality one-hot [N,M], what is wanted
 * @source Chen, Wei, Li: TarGAN, MICCAI 2021.
 */
export function translateTargan(
  parameters: Parameters,
  image: Node,
  target: Node,
  modality: Node,
): TarganResult {
  const branch = (name: string, x: Node): Node => {
    const { value, skips } = down(parameters, `${name}_encoder`, withPlanes(x, modality, []), branchLevels);
    const middle = down(parameters, 'middle.down', averagePool(value), middleLevels);
    const shared = up(parameters, 'middle.up', middle.value, middle.skips.slice(0, -1));
    const features = up(parameters, `${name}_decoder`, shared, skips);
    const score = `${name}_decoder.score`;
    return tanh(addBias(parameters, score, convolve(parameters, score, features, 1, 0)));
  };
  return { image: branch('image', image), target: branch('target', target) };
}

/** Levels of `features`·2^i, each a block; the result of the last is not pooled. */
function downSpecs(name: string, inputs: number, features: number, levels: number): ParameterSpec[] {
  return Array.from({ length: levels }, (_, i) =>
    blockSpecs(`${name}.level${i + 1}`, i === 0 ? inputs : features * 2 ** (i - 1), features * 2 ** i),
  ).flat();
}

/** The deepest level's result, and half of every level's features, finest first. */
function down(
  parameters: Parameters,
  name: string,
  x: Node,
  levels: number,
): { readonly value: Node; readonly skips: readonly Node[] } {
  const skips: Node[] = [];
  let value = x;
  for (let level = 1; level <= levels; level++) {
    // [N,C,H,W] → [N,C,H/2,W/2]
    value = block(parameters, `${name}.level${level}`, level === 1 ? value : averagePool(value));
    // [N,C,H,W] → [N,C/2,H,W]
    skips.push(slice(value, 1, 0, value.shape[1]! / 2));
  }
  return { value, skips };
}

/** `levels` times up to half the features; the finest has `features`. */
function upSpecs(name: string, features: number, levels: number): ParameterSpec[] {
  return Array.from({ length: levels }, (_, i) => {
    const outputs = features * 2 ** i;
    return [
      ...unitSpecs(`${name}.level${i + 1}.up`, 2 * outputs, outputs),
      ...blockSpecs(`${name}.level${i + 1}`, 1.5 * outputs, outputs),
    ];
  }).flat();
}

function up(parameters: Parameters, name: string, x: Node, skips: readonly Node[]): Node {
  let value = x;
  for (let level = skips.length; level >= 1; level--) {
    // [N,2C,H,W] → [N,C,2H,2W]
    const raised = unit(parameters, `${name}.level${level}.up`, upsampleNearest(value));
    // [N,C/2,2H,2W] and [N,C,2H,2W] → [N,C,2H,2W]
    value = block(parameters, `${name}.level${level}`, concat([skips[level - 1]!, raised], 1));
  }
  return value;
}

/** Two units in a row. */
function block(parameters: Parameters, name: string, x: Node): Node {
  return unit(parameters, `${name}.second`, unit(parameters, `${name}.first`, x));
}

function blockSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [...unitSpecs(`${name}.first`, inputs, outputs), ...unitSpecs(`${name}.second`, outputs, outputs)];
}

/** 3×3 convolution without bias, affine instance norm, leaky ReLU. */
function unit(parameters: Parameters, name: string, x: Node): Node {
  return leakyRelu(
    affineInstanceNorm(parameters, `${name}.norm`, convolve(parameters, `${name}.conv`, x, 1, 1)),
    slope,
  );
}

function unitSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [
    ...convolutionSpecs(`${name}.conv`, { inputs, outputs, kernel: 3 }, null),
    ...affineInstanceNormSpecs(`${name}.norm`, outputs),
  ];
}
