import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../../base/errors.js';
import { largestHalf, numberToHalf } from '../../base/half.js';
import { type Shape, sizeOf } from '../../base/shapes.js';
import { encodeInitializer, encodeNode, type OnnxNode } from './onnx-model.js';

/** How kernels lie in a file: in half precision, or in 8 bits with one scale for each output channel. */
export type PackedWeights = 'float16' | 'int8';

/** Kernels with fewer numbers are not worth it. */
const fewestNumbers = 256;

/** Field numbers of ONNX's ModelProto, GraphProto, NodeProto and TensorProto. */
const field = {
  model: { graph: 7 },
  graph: { node: 1, initializer: 5 },
  node: { input: 1, opType: 4 },
  tensor: { dims: 1, type: 2, name: 8, raw: 9 },
} as const;
const float32 = 1;

/** A convolution's kernel as it lies in a file. */
interface Kernel {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/**
 * Makes an ONNX file smaller: the convolutions' float32 kernels are stored with fewer bits, and operators in front of them
 * make float32 of them again. A runtime does that once, when it loads the file: it computes as before with rounded
 * weights. Everything else in the file stays as it is, also kernels that are small, packed already, or too large in
 * value for half precision.
 *
 * @param file an ONNX file that `writeOnnx` wrote
 * @param where the file's name, for messages
 * @returns the file, and how many kernels were packed
 * @throws UtadError bad-file when it is cut off or no ONNX file.
 */
export function packWeights(
  file: Uint8Array,
  storage: PackedWeights,
  where: string,
): { readonly file: Uint8Array; readonly packed: number } {
  try {
    return packed(file, storage);
  } catch (cause) {
    const got = 'one that is damaged';
    return fail(
      'bad-file',
      { where, expected: 'an ONNX file', got, todo: 'Copy or write it again.' },
      { cause },
    );
  }
}

function packed(
  file: Uint8Array,
  storage: PackedWeights,
): { readonly file: Uint8Array; readonly packed: number } {
  let count = 0;
  const copied = copyFields(file, (number, bytes, writer) => {
    if (number !== field.model.graph) return false;
    const kernels = kernelNames(bytes);
    const made: Uint8Array[] = [];
    const rest = copyFields(bytes, (part, inner, to) => {
      const kernel = part === field.graph.initializer ? readKernel(inner, kernels) : null;
      if (kernel === null) return false;
      if (storage === 'float16' && kernel.values.some((value) => !(Math.abs(value) <= largestHalf)))
        return false;
      count++;
      const { initializers, nodes } = storage === 'float16' ? asHalf(kernel) : asBytes(kernel);
      for (const one of initializers) writeBytes(to, field.graph.initializer, encodeInitializer(one));
      for (const node of nodes) made.push(encodeNode(node));
      return true;
    });
    // A graph's nodes stand in the order of computing.
    const first = new BinaryWriter();
    for (const node of made) writeBytes(first, field.graph.node, node);
    writeBytes(writer, number, first.raw(rest).finish());
    return true;
  });
  return { file: copied, packed: count };
}

type Packed = {
  readonly initializers: readonly Parameters<typeof encodeInitializer>[0][];
  readonly nodes: readonly OnnxNode[];
};

function asHalf({ name, shape, values }: Kernel): Packed {
  const half = `${name}.float16`;
  const data = new Uint16Array(values.length);
  for (let i = 0; i < data.length; i++) data[i] = numberToHalf(values[i]!);
  return {
    initializers: [{ name: half, shape, data }],
    nodes: [toFloat32(half, name)],
  };
}

/** Each output channel by its largest value: the kernel is bytes from −127 to 127 times [O,1,1,1]. */
function asBytes({ name, shape, values }: Kernel): Packed {
  const [bytes, scale, floats] = [`${name}.int8`, `${name}.scale`, `${name}.steps`];
  const size = sizeOf(shape.slice(1));
  const scales = new Float32Array(shape[0]!);
  const data = new Int8Array(values.length);
  for (let channel = 0; channel < scales.length; channel++) {
    const [start, end] = [channel * size, (channel + 1) * size];
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, Math.abs(values[i]!));
    // A channel of zeros: any scale will do.
    scales[channel] = most / 127 || 1;
    for (let i = start; i < end; i++) data[i] = Math.round(values[i]! / scales[channel]!);
  }
  const product = { opType: 'Mul', domain: '', inputs: [floats, scale], outputs: [name], attributes: {} };
  return {
    initializers: [
      { name: bytes, shape, data },
      { name: scale, shape: [shape[0]!, 1, 1, 1], data: scales },
    ],
    nodes: [toFloat32(bytes, floats), product],
  };
}

const toFloat32 = (from: string, to: string): OnnxNode => ({
  opType: 'Cast',
  domain: '',
  inputs: [from],
  outputs: [to],
  attributes: { to: { int: float32 } },
});

/** Names of what convolutions of this graph take as their kernels. */
function kernelNames(graph: Uint8Array): ReadonlySet<string> {
  const names = new Set<string>();
  const reader = new BinaryReader(graph);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number !== field.graph.node) {
      reader.skip(type, number);
      continue;
    }
    const node = new BinaryReader(reader.bytes());
    const inputs: string[] = [];
    let opType = '';
    while (node.pos < node.len) {
      const [part, partType] = node.tag();
      if (part === field.node.input) inputs.push(node.string());
      else if (part === field.node.opType) opType = node.string();
      else node.skip(partType, part);
    }
    if (opType === 'Conv' && inputs[1] !== undefined) names.add(inputs[1]);
  }
  return names;
}

/** A stored tensor, if it is a kernel in float32 that is worth packing. */
function readKernel(bytes: Uint8Array, kernels: ReadonlySet<string>): Kernel | null {
  const reader = new BinaryReader(bytes);
  const shape: number[] = [];
  let [name, elementType] = ['', 0];
  let raw: Uint8Array | null = null;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field.tensor.dims && type === WireType.Varint) shape.push(Number(reader.int64()));
    else if (number === field.tensor.type) elementType = reader.int32();
    else if (number === field.tensor.name) name = reader.string();
    else if (number === field.tensor.raw) raw = reader.bytes();
    else reader.skip(type, number);
  }
  const worth = elementType === float32 && shape.length === 4 && sizeOf(shape) >= fewestNumbers;
  if (!worth || raw?.length !== 4 * sizeOf(shape) || !kernels.has(name)) return null;
  return { name, shape, values: new Float32Array(raw.slice().buffer) };
}

/** Copies a message field by field, but for those that `replace` writes itself and says so. */
function copyFields(
  message: Uint8Array,
  replace: (number: number, bytes: Uint8Array, writer: BinaryWriter) => boolean,
): Uint8Array {
  const writer = new BinaryWriter();
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      if (replace(number, reader.bytes(), writer)) continue;
    } else reader.skip(type, number);
    writer.raw(message.subarray(start, reader.pos));
  }
  return writer.finish();
}

function writeBytes(writer: BinaryWriter, number: number, bytes: Uint8Array): void {
  writer.tag(number, WireType.LengthDelimited).bytes(bytes);
}
