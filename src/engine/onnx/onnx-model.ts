import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../../base/errors.js';
import { type Shape, sizeOf } from '../../base/shapes.js';

/** An ONNX attribute; the key is its kind. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

/** One ONNX operator call. */
export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A stored tensor: float32, float64, int64 or int8 values, or those in half precision as 16 bits each. */
export interface OnnxInitializer {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | BigInt64Array | Int8Array | Uint16Array;
}

/** An input or output; a text in the shape is a size known only at run time. */
interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file holds, as plain records. */
interface OnnxModel {
  readonly name: string;
  readonly producerVersion: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Element type of inputs and outputs. */
  readonly precision: 'float32' | 'float64';
}

const irVersion = 9;
/** The ONNX operator set that the writer speaks. */
const opset = 20;
/** Numbers of ONNX's element types. */
export const elementType = { float32: 1, int8: 3, int64: 7, float16: 10, float64: 11 } as const;
const attributeType = { float: 1, int: 2, text: 3, ints: 7 } as const;
const largestFile = 2 ** 31 - 1;

/**
 * Encodes a model as an ONNX file.
 *
 * @throws UtadError not-supported when it would exceed the 2 GiB that a protocol buffer may have.
 * @source onnx.proto of ONNX 1.15 (IR version 9); the numbers are its field numbers.
 */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const weightBytes = model.initializers.reduce((total, { data }) => total + data.byteLength, 0);
  if (weightBytes > largestFile) {
    fail('not-supported', {
      where: `model ${model.name}`,
      expected: 'at most 2 GiB of weights',
      got: `${weightBytes} bytes`,
      todo: 'Use fewer features.',
    });
  }
  const writer = new BinaryWriter();
  writer.uint32(tag(1)).int64(irVersion);
  text(writer, 2, 'utad-net');
  text(writer, 3, model.producerVersion);
  message(writer, 7, (graph) => writeGraph(graph, model));
  // Every domain but ONNX's own has one version.
  const domains = new Set(['', 'com.microsoft', ...model.nodes.map(({ domain }) => domain)]);
  for (const domain of domains) {
    message(writer, 8, (entry) => {
      text(entry, 1, domain);
      entry.uint32(tag(2)).int64(domain === '' ? opset : 1);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, (entry) => {
      text(entry, 1, key);
      text(entry, 2, value);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, model: OnnxModel): void {
  for (const node of model.nodes) message(writer, 1, (entry) => writeNode(entry, node));
  text(writer, 2, model.name);
  for (const initializer of model.initializers)
    message(writer, 5, (entry) => writeInitializer(entry, initializer));
  for (const value of model.inputs)
    message(writer, 11, (entry) => writeValue(entry, value, elementType[model.precision]));
  for (const value of model.outputs)
    message(writer, 12, (entry) => writeValue(entry, value, elementType[model.precision]));
}

/** One operator call as a NodeProto. */
export function encodeNode(node: OnnxNode): Uint8Array {
  const writer = new BinaryWriter();
  writeNode(writer, node);
  return writer.finish();
}

/** One stored tensor as a TensorProto. */
export function encodeInitializer(initializer: OnnxInitializer): Uint8Array {
  const writer = new BinaryWriter();
  writeInitializer(writer, initializer);
  return writer.finish();
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  text(writer, 3, node.outputs[0] ?? '');
  text(writer, 4, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, (attribute) => writeAttribute(attribute, name, value));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
}

function writeInitializer(writer: BinaryWriter, { name, shape, data }: OnnxInitializer): void {
  for (const size of shape) writer.uint32(tag(1)).int64(size);
  writer.uint32(tag(2)).int32(elementTypeOf(data));
  text(writer, 8, name);
  if (data.length !== sizeOf(shape))
    fail('bad-shape', { where: name, expected: `${sizeOf(shape)} values`, got: `${data.length}` });
  const { buffer, byteOffset, byteLength } = data;
  writer.uint32(tag(9, WireType.LengthDelimited)).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if ('float' in value)
    writer.uint32(tag(2, WireType.Bit32)).float(value.float).uint32(tag(20)).int32(attributeType.float);
  else if ('int' in value) writer.uint32(tag(3)).int64(value.int).uint32(tag(20)).int32(attributeType.int);
  else if ('text' in value) {
    text(writer, 4, value.text);
    writer.uint32(tag(20)).int32(attributeType.text);
  } else {
    for (const item of value.ints) writer.uint32(tag(8)).int64(item);
    writer.uint32(tag(20)).int32(attributeType.ints);
  }
}

function writeValue(writer: BinaryWriter, value: OnnxValue, type: number): void {
  text(writer, 1, value.name);
  message(writer, 2, (typeProto) => {
    message(typeProto, 1, (tensorType) => {
      tensorType.uint32(tag(1)).int32(type);
      message(tensorType, 2, (shape) => {
        for (const size of value.shape) {
          message(shape, 1, (dimension) => {
            if (typeof size === 'number') dimension.uint32(tag(1)).int64(size);
            else text(dimension, 2, size);
          });
        }
      });
    });
  });
}

function elementTypeOf(data: OnnxInitializer['data']): number {
  if (data instanceof Float32Array) return elementType.float32;
  if (data instanceof Float64Array) return elementType.float64;
  if (data instanceof Int8Array) return elementType.int8;
  return data instanceof Uint16Array ? elementType.float16 : elementType.int64;
}

function tag(field: number, type: WireType = WireType.Varint): number {
  return ((field << 3) | type) >>> 0;
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.uint32(tag(field, WireType.LengthDelimited)).string(value);
}

function message(writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  writer.uint32(tag(field, WireType.LengthDelimited)).fork();
  write(writer);
  writer.join();
}
