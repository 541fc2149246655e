import { fail } from '../../base/errors.js';
import { showShape, sizeOf } from '../../base/shapes.js';
import { gradientRules } from './gradient-rules.js';
import { type Node, type OpName, topologicalOrder } from './graph.js';
import * as ops from './operations.js';

/**
 * Derivatives of one number with respect to several values, as new graph nodes that can be differentiated again.
 *
 * @param output the number to differentiate, one element
 * @param variables the values to differentiate by
 * @returns one node for each variable, of its shape; null where the output does not depend on it
 * @throws UtadError bad-shape when the output is not one number.
 * @source Reverse-mode differentiation; Griewank & Walther, Evaluating Derivatives (2008), ch. 3.
 */
export function gradient(output: Node, variables: readonly Node[]): (Node | null)[] {
  if (sizeOf(output.shape) !== 1) {
    fail('bad-shape', {
      where: 'gradient',
      expected: 'one number to differentiate',
      got: showShape(output.shape),
    });
  }
  const wanted = new Set(variables);
  const order = topologicalOrder([output]);

  // Only values that lie between a variable and the output receive a gradient.
  const depends = new Set<Node>();
  for (const node of order) {
    if (wanted.has(node) || (node.op !== 'detach' && node.inputs.some((source) => depends.has(source))))
      depends.add(node);
  }

  const received = new Map<Node, Node>();
  if (depends.has(output)) received.set(output, ops.constant(new Float32Array([1]), output.shape));
  for (const node of order.reverse()) {
    const g = received.get(node);
    if (g === undefined || !node.inputs.some((source) => depends.has(source))) continue;
    const shares = gradientOf(g, node);
    node.inputs.forEach((source, i) => {
      const share = shares[i];
      if (share === null || share === undefined || !depends.has(source)) return;
      const before = received.get(source);
      received.set(source, before === undefined ? share : ops.add(before, share));
    });
  }
  return variables.map((variable) => received.get(variable) ?? null);
}

function gradientOf<K extends OpName>(g: Node, node: Node<K>): readonly (Node | null)[] {
  const rule = gradientRules[node.op] as (g: Node, node: Node<K>) => readonly (Node | null)[];
  return rule(g, node);
}
