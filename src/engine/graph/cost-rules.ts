import { sizeOf } from '../../base/shapes.js';
import type { Node, OpName } from './graph.js';

/** Floating-point operations of a node: a multiplication and an addition count as two. */
type CostRule<K extends OpName> = (node: Node<K>) => number;

const free: CostRule<OpName> = () => 0;
const perElement =
  (operations: number): CostRule<OpName> =>
  (node) =>
    operations * sizeOf(node.shape);
const perInputElement =
  (operations: number): CostRule<OpName> =>
  (node) =>
    operations * sizeOf(node.inputs[0]!.shape);

/** Every product of a convolution: outputs [N,O,H′,W′] times kernel [O,C,K,K] over its features. */
const products = (output: readonly number[], kernel: readonly number[]): number =>
  2 * output[0]! * output[2]! * output[3]! * sizeOf(kernel);

/** What every operation costs; data movement costs nothing here. */
export const costRules: { readonly [K in OpName]: CostRule<K> } = {
  input: free,
  constant: free,
  detach: free,
  add: perElement(1),
  subtract: perElement(1),
  multiply: perElement(1),
  divide: perElement(1),
  maximum: perElement(1),
  negate: perElement(1),
  exp: perElement(1),
  log: perElement(1),
  sqrt: perElement(1),
  tanh: perElement(1),
  absolute: perElement(1),
  sign: perElement(1),
  clamp: perElement(2),
  within: perElement(2),
  leakyRelu: perElement(2),
  leakyReluGradient: perElement(2),
  logSoftmax: perElement(4),
  sum: perInputElement(1),
  reshape: free,
  transpose: free,
  broadcast: free,
  concat: free,
  slice: free,
  pad: free,
  matmul: (node) => 2 * sizeOf(node.shape) * node.inputs[0]!.shape.at(-1)!,
  convolution: (node) => products(node.shape, node.inputs[1]!.shape),
  convolutionInputGradient: (node) => products(node.inputs[0]!.shape, node.inputs[1]!.shape),
  convolutionKernelGradient: (node) => products(node.inputs[1]!.shape, node.shape),
  maxPool: perInputElement(1),
  maxUnpool: perInputElement(1),
  maxPick: perInputElement(1),
  instanceNorm: perElement(5),
  inverseDeviation: perInputElement(4),
};

/** Floating-point operations of one node. */
export function costOf(node: Node): number {
  return (costRules[node.op] as CostRule<OpName>)(node);
}
