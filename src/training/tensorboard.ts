import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Numbers by their names in TensorBoard, where a slash makes groups. */
export type Scalars = Readonly<Record<string, number>>;

/** What TensorBoard shows of one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Scalars;
}

/** Field numbers of the messages. @source tensorboard/compat/proto/event.proto and summary.proto. */
const fields = {
  event: { wallTime: 1, step: 2, fileVersion: 3, summary: 5 },
  summary: { value: 1 },
  value: { tag: 1, simpleValue: 2 },
} as const;

/** The record that begins an event file. */
export function encodeFileVersion(wallTime: number): Uint8Array {
  const { event } = fields;
  const message = new BinaryWriter()
    .tag(event.wallTime, WireType.Bit64)
    .double(wallTime)
    .tag(event.fileVersion, WireType.LengthDelimited)
    .string('brain.Event:2');
  return frameRecord(message.finish());
}

/** A record of an event file: the message Event with one value for each scalar. */
export function encodeScalars({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const { event, summary, value } = fields;
  const message = new BinaryWriter()
    .tag(event.wallTime, WireType.Bit64)
    .double(wallTime)
    .tag(event.step, WireType.Varint)
    .int64(step)
    .tag(event.summary, WireType.LengthDelimited)
    .fork();
  for (const [tag, number] of Object.entries(scalars))
    message
      .tag(summary.value, WireType.LengthDelimited)
      .fork()
      .tag(value.tag, WireType.LengthDelimited)
      .string(tag)
      .tag(value.simpleValue, WireType.Bit32)
      .float(number)
      .join();
  return frameRecord(message.join().finish());
}

/**
 * A record as TFRecord files hold it: length (uint64), its masked checksum, the data, their masked checksum; all
 * little-endian.
 *
 * @source TensorFlow, core/lib/io/record_writer.h.
 */
function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}

/** CRC-32C, turned right by 15 bits, plus a constant. @source TensorFlow, core/lib/hash/crc32c.h. */
function maskedChecksum(data: Uint8Array): number {
  const sum = checksum(data);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C. @source Castagnoli 1993; RFC 3720, appendix B.4. */
export function checksum(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ table[(sum ^ byte) & 0xff]!;
  return ~sum >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  // The polynomial 0x1EDC6F41 with its bits reversed.
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});
