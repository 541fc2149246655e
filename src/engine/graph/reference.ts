import { type Graph, isOp, type Node, topologicalOrder } from './graph.js';
import { type ReferenceValue, referenceValue } from './reference-rules.js';
import { requireInputs, type Tensors } from './tensor.js';

/**
 * Computes a graph slowly in double precision, one operation after the other.
 *
 * @param given the inputs by name
 * @returns the outputs by name, in double precision
 * @throws UtadError when an input is missing or has another shape.
 */
export function evaluateReference(graph: Graph, given: Tensors): Record<string, Float64Array> {
  requireInputs(graph, given);
  const values = new Map<Node, ReferenceValue>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const inputs = isOp(node, 'input')
      ? [Float64Array.from(given[node.attributes.name]!.data)]
      : node.inputs.map((source) => values.get(source)!);
    values.set(node, referenceValue(node, inputs));
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, values.get(node)!]));
}
