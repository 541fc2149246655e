import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { requireSelfContained } from './self-contained.js';

type Field = readonly [number: number, content: Uint8Array | number];

function message(...fields: readonly Field[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, content] of fields) {
    if (typeof content === 'number') writer.tag(number, WireType.Varint).int32(content);
    else writer.tag(number, WireType.LengthDelimited).bytes(content);
  }
  return writer.finish();
}

const inside = message([1, 4], [9, new Uint8Array(16)], [14, 0]);
const entry = message([1, new TextEncoder().encode('location')], [2, new TextEncoder().encode('secret.bin')]);
const outside = message([1, 4], [13, entry], [14, 1]);
const places: Readonly<Record<string, (tensor: Uint8Array) => Uint8Array>> = {
  'an initializer': (tensor) => message([1, 8], [7, message([5, tensor])]),
  'a constant': (tensor) => message([7, message([1, message([5, message([5, tensor])])])]),
  'a branch': (tensor) => message([7, message([1, message([5, message([6, message([5, tensor])])])])]),
  'a sparse initializer': (tensor) => message([7, message([15, message([1, tensor])])]),
  'a function': (tensor) => message([25, message([7, message([5, message([10, tensor])])])]),
};

describe('a network', () => {
  it.each(Object.entries(places))('with weights in another file is refused: %s', (_, modelWith) => {
    expect(() => requireSelfContained(modelWith(inside), 'm.onnx')).not.toThrow();
    expect(() => requireSelfContained(modelWith(outside), 'm.onnx')).toThrow(
      'm.onnx: the network keeps weights in another file (external data). Save it as one file',
    );
  });

  it('that is none is left to the runtime', () => {
    expect(() => requireSelfContained(Uint8Array.from([0x3a, 0xff, 1]), 'x')).not.toThrow();
  });
});
