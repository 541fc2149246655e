import { fail } from '../../base/errors.js';
import { type Shape, showShape } from '../../base/shapes.js';

/** An operation without settings. */
type NoAttributes = Readonly<Record<never, never>>;

/** How a convolution walks over its input: same value along both axes. */
export interface ConvolutionAttributes {
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: number;
}

/**
 * The closed list of operations with their settings. Every rule table (shape, gradient, reference value,
 * ONNX, cost) has exactly these keys; a rule that is missing does not compile.
 */
export interface Attributes {
  /** A tensor given at run time. Parameters are inputs too: training feeds them anew at each step. */
  input: { readonly name: string; readonly kind: 'data' | 'parameter' };
  constant: { readonly data: Float32Array };
  /** The same value, which gradients do not pass. */
  detach: NoAttributes;
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
  divide: NoAttributes;
  maximum: NoAttributes;
  negate: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  tanh: NoAttributes;
  absolute: NoAttributes;
  /** −1, 0 or 1. */
  sign: NoAttributes;
  clamp: { readonly low: number; readonly high: number };
  /** 1 where low ≤ x ≤ high, else 0: the derivative of clamp. */
  within: { readonly low: number; readonly high: number };
  leakyRelu: { readonly slope: number };
  /** (g, x) ↦ g where x > 0, else slope · g: the adjoint of leakyRelu. */
  leakyReluGradient: { readonly slope: number };
  logSoftmax: NoAttributes;
  /** Sum over axes, which stay with size 1. */
  sum: { readonly axes: readonly number[] };
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcast: { readonly shape: Shape };
  concat: { readonly axis: number };
  slice: { readonly axis: number; readonly start: number; readonly stop: number };
  /** Zeros before and after along one axis: the adjoint of slice. */
  pad: { readonly axis: number; readonly before: number; readonly after: number };
  /** Product of the last two axes; the axes before broadcast. */
  matmul: NoAttributes;
  /** (x [N,C,H,W], w [O,C,K,K]) ↦ [N,O,H′,W′]. */
  convolution: ConvolutionAttributes;
  /** (g [N,O,H′,W′], w [O,C,K,K]) ↦ [N,C,H,W]: the adjoint of the convolution in x. */
  convolutionInputGradient: ConvolutionAttributes & { readonly inputSize: readonly [number, number] };
  /** (x [N,C,H,W], g [N,O,H′,W′]) ↦ [O,C,K,K]: the adjoint of the convolution in w. */
  convolutionKernelGradient: ConvolutionAttributes & { readonly kernelSize: number };
  /** Largest of each 2×2 block. */
  maxPool: NoAttributes;
  /** (g, x) ↦ g at the place of the first largest element of each 2×2 block of x, else 0. */
  maxUnpool: NoAttributes;
  /** (h, x) ↦ h at the place of the first largest element of each 2×2 block of x. */
  maxPick: NoAttributes;
  /** (x − mean) / √(variance + ε) over the last two axes, without weights. */
  instanceNorm: { readonly epsilon: number };
  /** 1 / √(variance + ε) over the last two axes, which stay with size 1. */
  inverseDeviation: { readonly epsilon: number };
}

/** Name of an operation of the closed list. */
export type OpName = keyof Attributes;

/** One value of a graph: an operation on other values, with a known shape. Immutable; all values are float32. */
export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[K];
  readonly shape: Shape;
}

/** A named computation: from its inputs (found by walking back) to named outputs. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Node<'input'>[];
  readonly outputs: Readonly<Record<string, Node>>;
}

/** Whether a node is of this operation; narrows its type. */
export function isOp<K extends OpName>(node: Node, op: K): node is Node<K> {
  return node.op === op;
}

/** All nodes that the given ones need, every node after its inputs. */
export function topologicalOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/**
 * Names a computation and collects its inputs in a stable order.
 *
 * @throws UtadError bad-argument when two different inputs share a name.
 */
export function createGraph(name: string, outputs: Readonly<Record<string, Node>>): Graph {
  const byName = new Map<string, Node<'input'>>();
  for (const node of topologicalOrder(Object.values(outputs))) {
    if (!isOp(node, 'input')) continue;
    const other = byName.get(node.attributes.name);
    if (other !== undefined && other !== node) {
      fail('bad-argument', {
        where: `graph ${name}`,
        expected: `one input called ${node.attributes.name}`,
        got: `two, of shapes ${showShape(other.shape)} and ${showShape(node.shape)}`,
      });
    }
    byName.set(node.attributes.name, node);
  }
  return { name, inputs: [...byName.values()], outputs };
}
