import { type Graph, isOp, type Node, topologicalOrder } from './graph.js';

/**
 * A graph's outputs with other values in the place of inputs.
 *
 * @param replacement what takes an input's place, of the same shape; undefined where it stays
 */
export function substituteInputs(
  graph: Graph,
  replacement: (input: Node<'input'>) => Node | undefined,
): Record<string, Node> {
  const made = new Map<Node, Node>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    if (isOp(node, 'input')) {
      made.set(node, replacement(node) ?? node);
      continue;
    }
    const inputs = node.inputs.map((source) => made.get(source)!);
    made.set(node, inputs.every((source, i) => source === node.inputs[i]) ? node : { ...node, inputs });
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, made.get(node)!]));
}
