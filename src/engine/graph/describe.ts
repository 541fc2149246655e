import { showShape, sizeOf } from '../../base/shapes.js';
import { costOf } from './cost-rules.js';
import { type Graph, isOp, type OpName, topologicalOrder } from './graph.js';

/** What a graph consists of. */
interface GraphDescription {
  readonly name: string;
  readonly nodes: number;
  /** How often each operation occurs, most frequent first. */
  readonly operations: Readonly<Partial<Record<OpName, number>>>;
  /** Numbers in parameters, by the first parts of their names. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Floating-point operations of one run. */
  readonly flops: number;
}

/**
 * Counts operations, parameters and floating-point operations.
 *
 * @param depth how many dot-separated parts of a parameter's name make a group: 2 for `G.img_encoder`
 */
export function describeGraph(graph: Graph, depth = 2): GraphDescription {
  const order = topologicalOrder(Object.values(graph.outputs));
  const operations = new Map<OpName, number>();
  const parameters: Record<string, number> = {};
  let flops = 0;
  for (const node of order) {
    operations.set(node.op, (operations.get(node.op) ?? 0) + 1);
    flops += costOf(node);
    if (isOp(node, 'input') && node.attributes.kind === 'parameter') {
      const part = node.attributes.name.split('.').slice(0, depth).join('.');
      parameters[part] = (parameters[part] ?? 0) + sizeOf(node.shape);
    }
  }
  const counted = [...operations].sort(([, a], [, b]) => b - a);
  return {
    name: graph.name,
    nodes: order.length,
    operations: Object.fromEntries(counted),
    parameters,
    flops,
  };
}

/** The graph as text, one line a node: `%12 = convolution(%3, %7) [8×16×64×64] stride=1 padding=1`. */
export function printGraph(graph: Graph): string {
  const order = topologicalOrder(Object.values(graph.outputs));
  const names = new Map(order.map((node, i) => [node, `%${i}`]));
  const lines = order.map((node) => {
    const attributes = Object.entries(node.attributes).map(([key, value]) =>
      value instanceof Float32Array ? `${key}=(${value.length} values)` : `${key}=${String(value)}`,
    );
    const inputs = node.inputs.map((source) => names.get(source)!).join(', ');
    return `${names.get(node)} = ${node.op}(${inputs}) [${showShape(node.shape)}] ${attributes.join(' ')}`.trimEnd();
  });
  const outputs = Object.entries(graph.outputs).map(([name, node]) => `${name} = ${names.get(node)}`);
  return [`graph ${graph.name}`, ...lines, 'outputs', ...outputs].join('\n');
}
