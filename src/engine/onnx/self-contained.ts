import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { refuse } from '../../base/errors.js';

/** Messages of ONNX that hold tensors or lead to them: the kind behind each field. @source onnx.proto (ONNX 1.19). */
const leadsTo = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
} as const satisfies Readonly<Record<string, Readonly<Record<number, string>>>>;

type Kind = keyof typeof leadsTo;
/** Fields of a tensor: where its data lie, and the location. */
const [externalData, dataLocation] = [13, 14];
/** Graphs inside graphs; networks have two or three. */
const deepest = 64;

/**
 * Refuses a network that takes weights from other files: it would not be the same everywhere, and would read whatever
 * file it names.
 *
 * @param where the file's name, for messages
 * @throws UtadError not-supported. What is no ONNX file passes; loading it says so.
 */
export function requireSelfContained(bytes: Uint8Array, where: string): void {
  let outside: boolean;
  try {
    outside = reachesOutside(bytes, 'model', 0);
  } catch {
    return;
  }
  if (!outside) return;
  refuse('not-supported', {
    where,
    problem: 'the network keeps weights in another file (external data)',
    todo: 'Save it as one file, for example with onnx.save(model, path, save_as_external_data=False).',
  });
}

function reachesOutside(bytes: Uint8Array, kind: Kind, depth: number): boolean {
  if (depth > deepest) return true;
  const inner: Readonly<Record<number, Kind | 'tensor'>> = leadsTo[kind];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const next = Object.hasOwn(inner, number) ? inner[number] : undefined;
    if (next === undefined || type !== WireType.LengthDelimited) {
      reader.skip(type, number);
      continue;
    }
    const content = reader.bytes();
    if (next === 'tensor' ? isOutside(content) : reachesOutside(content, next, depth + 1)) return true;
  }
  return false;
}

function isOutside(tensor: Uint8Array): boolean {
  const reader = new BinaryReader(tensor);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === externalData) return true;
    if (number === dataLocation && type === WireType.Varint) {
      if (reader.int32() !== 0) return true;
    } else reader.skip(type, number);
  }
  return false;
}
