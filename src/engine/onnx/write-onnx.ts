import { type Shape, sameShape } from '../../base/shapes.js';
import { type Graph, type Node, type OpName, topologicalOrder } from '../graph/graph.js';
import type { OnnxEmitter, OnnxRule, Operators, Precision } from './emitter.js';
import { createNotes } from './emitter-notes.js';
import { encodeOnnx, type OnnxInitializer, type OnnxNode } from './onnx-model.js';
import { onnxRules } from './onnx-rules.js';
import { emitInBlocks } from './rules-in-blocks.js';

/** Settings of {@link writeOnnx}. */
interface WriteOnnxOptions {
  /** Leaves the first axis of every input and output open, so that the model takes any batch. */
  readonly openBatch?: boolean;
  /** Texts that travel with the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
  /** float32 by default. */
  readonly precision?: Precision;
  /** all by default. */
  readonly operators?: Operators;
  /** Channels of a block in the CPU backend's own layout, for weights that change; none by default. */
  readonly channelBlock?: number;
}

/**
 * Writes a graph as an ONNX file whose inputs and outputs keep their names.
 *
 * @throws UtadError not-supported when the stored tensors exceed 2 GiB.
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const { precision = 'float32', operators = 'all', channelBlock = 0 } = options;
  const emitter = createEmitter(nodes, initializers, { precision, operators, channelBlock });

  const names = new Map<Node, string>();
  const outputs = longestFirst(graph);
  for (const node of topologicalOrder(outputs.map(([, node]) => node))) {
    const rule = onnxRules[node.op] as OnnxRule<OpName>;
    const inputs = node.inputs.map((source) => names.get(source)!);
    names.set(node, emitInBlocks(emitter, inputs, node) ?? rule(emitter, inputs, node));
  }
  const named = nameOutputs(
    withoutUnused(
      nodes,
      outputs.map(([, node]) => names.get(node)!),
    ),
    outputs.map(([name, node]) => [name, names.get(node)!]),
  );
  const used = new Set(named.flatMap(({ inputs }) => inputs));

  const open = (shape: Shape): readonly (number | string)[] =>
    options.openBatch ? ['batch', ...shape.slice(1)] : shape;
  return encodeOnnx({
    name: graph.name,
    producerVersion: options.producerVersion ?? '',
    nodes: withoutUnusedOutputs(named),
    initializers: initializers.filter(({ name }) => used.has(name)),
    inputs: graph.inputs.map((node) => ({ name: node.attributes.name, shape: open(node.shape) })),
    outputs: Object.entries(graph.outputs).map(([name, node]) => ({ name, shape: open(node.shape) })),
    metadata: options.metadata ?? {},
    precision,
  });
}

/**
 * The outputs, those that need most of the graph first. ONNX Runtime begins with what the last output in the file
 * needs and works forward from there; in this order every gradient is used up as soon as it is known. In the
 * order of the parameters' names an update holds most of them to the end and needs up to twice the memory.
 */
function longestFirst(graph: Graph): readonly (readonly [name: string, node: Node])[] {
  const needed = new Map<Node, number>();
  const count = (node: Node): number => {
    const known = needed.get(node) ?? topologicalOrder([node]).length;
    needed.set(node, known);
    return known;
  };
  return Object.entries(graph.outputs).sort(([, a], [, b]) => count(b) - count(a));
}

/**
 * Gives values the names of the outputs that they are. What has another name already, an input, a stored tensor or a
 * value that is two outputs, is copied.
 */
function nameOutputs(
  nodes: readonly OnnxNode[],
  outputs: readonly (readonly [name: string, value: string])[],
): OnnxNode[] {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const renamed = new Map<string, string>();
  const copied: OnnxNode[] = [];
  for (const [name, value] of outputs) {
    if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
    else copied.push({ opType: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} });
  }
  const rename = (values: readonly string[]): string[] => values.map((value) => renamed.get(value) ?? value);
  return [
    ...nodes.map((node) => ({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) })),
    ...copied.map((node) => ({ ...node, inputs: rename(node.inputs) })),
  ];
}

/** Without operators whose results nobody needs: forms of a value that turned out not to be asked for. */
function withoutUnused(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const needed = new Set(outputs);
  const kept: OnnxNode[] = [];
  // Operators stand after those whose results they take.
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

/** ONNX Runtime has a faster max pool when nobody asks for its indices. */
function withoutUnusedOutputs(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.map((node) => ({
    ...node,
    outputs: node.outputs.slice(0, Math.max(1, node.outputs.findLastIndex((name) => used.has(name)) + 1)),
  }));
}

/** Numbers of the largest tensors that are compared by content: the matrices of upsampling among them. */
const largestCompared = 2 ** 14;

function createEmitter(
  nodes: OnnxNode[],
  initializers: OnnxInitializer[],
  settings: Pick<OnnxEmitter, 'precision' | 'operators' | 'channelBlock'>,
): OnnxEmitter {
  const written = new Map<string, readonly string[]>();
  const constants = new Map<Float32Array, { name: string; shape: Shape }>();
  let counter = 0;

  const store = (data: OnnxInitializer['data'], shape: Shape): string => {
    const name = `c${counter++}`;
    initializers.push({ name, shape, data });
    return name;
  };
  /** Tensors are stored once for each content, the largest once for each array. */
  const storeOnce = (key: string, make: () => string): string => {
    const known = written.get(key);
    if (known !== undefined) return known[0]!;
    const name = make();
    written.set(key, [name]);
    return name;
  };

  return {
    emit: (opType, inputs, attributes = {}, { outputs = 1, domain = '' } = {}) => {
      const key = JSON.stringify([domain, opType, inputs, attributes, outputs]);
      const known = written.get(key);
      if (known !== undefined) return known;
      const names = Array.from({ length: outputs }, () => `v${counter++}`);
      nodes.push({ opType, domain, inputs, outputs: names, attributes });
      written.set(key, names);
      return names;
    },
    integers: (values) =>
      storeOnce(`integers ${values.join(',')}`, () =>
        store(BigInt64Array.from(values, BigInt), [values.length]),
      ),
    floats: (data, shape) => {
      const array = data instanceof Float32Array ? data : null;
      const known = array === null ? undefined : constants.get(array);
      if (known !== undefined && sameShape(known.shape, shape)) return known.name;
      const values = settings.precision === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
      if (data.length <= largestCompared)
        return storeOnce(`floats ${shape.join('×')}: ${values.join(',')}`, () => store(values, shape));
      const name = store(values, shape);
      if (array !== null) constants.set(array, { name, shape });
      return name;
    },
    notes: createNotes(),
    ...settings,
  };
}
