import type { Shape } from '../../base/shapes.js';
import type { Node, OpName } from '../graph/graph.js';
import type { Notes } from './emitter-notes.js';
import type { OnnxAttribute } from './onnx-model.js';

/** What the numbers of a written program are: float32 to work with, float64 to check against. */
export type Precision = 'float32' | 'float64';

/**
 * Which operators a program may use: `all` that ONNX Runtime has on the CPU, or those `common` to its other
 * backends as well, written so that a graphics card is kept busy. Results differ by rounding alone; on the CPU `all`
 * is faster.
 */
export type Operators = 'all' | 'common';

/** What a rule may write: operator calls and stored tensors. The same call twice is written once. */
export interface OnnxEmitter {
  readonly precision: Precision;
  readonly operators: Operators;
  /** Channels of a block in the blocked layout of ONNX Runtime's CPU backend; 0 where there is none. */
  readonly channelBlock: number;
  readonly notes: Notes;
  readonly emit: (
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: { outputs?: number; domain?: string },
  ) => readonly string[];
  readonly integers: (values: readonly number[]) => string;
  readonly floats: (data: Float32Array | readonly number[], shape: Shape) => string;
}

/** Writes one node as ONNX operators and says the name of its value. */
export type OnnxRule<K extends OpName> = (
  to: OnnxEmitter,
  inputs: readonly string[],
  node: Node<K>,
) => string;

/** Attributes of an ONNX convolution. */
export function strides(stride: number, padding: number): Readonly<Record<string, OnnxAttribute>> {
  return { strides: { ints: [stride, stride] }, pads: { ints: [padding, padding, padding, padding] } };
}
