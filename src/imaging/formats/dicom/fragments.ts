import { concatenate } from '../../../base/bytes.js';
import { fail } from '../../../base/errors.js';
import type { DataSet } from './dicom-data-set.js';
import type { PixelCoding } from './transfer-syntaxes.js';

/**
 * The compressed bytes of one frame: by the offset tables where the file has one that fits, else by where compressed
 * images begin among the fragments.
 *
 * @param index of the frame, from 0
 * @throws UtadError bad-file when nothing says which fragments belong to the frame.
 * @source DICOM PS3.5, annex A.4.
 */
export function encapsulatedFrame(
  dataSet: DataSet,
  index: number,
  coding: PixelCoding,
  where: string,
): Uint8Array {
  const broken = (expected: string, got: string): never =>
    fail('bad-file', { where, expected, got, todo: 'Export the series again.' });
  const all = dataSet.element('PixelData')?.fragments;
  if (!all || all.length < 2)
    return broken('compressed pixels in fragments', all ? 'none' : 'uncompressed ones');
  const [table, ...fragments] = all as readonly [Uint8Array, ...Uint8Array[]];
  const frames = dataSet.number('NumberOfFrames') ?? 1;
  if (frames === 1) return concatenate(fragments);
  if (fragments.length === frames) return fragments[index]!;
  const starts =
    startsByOffsets(fragments, offsetsOf(dataSet, table, frames), coding) ??
    startsOfImages(fragments, frames, coding);
  if (!starts) {
    return broken(
      `a fragment or an offset for each of ${frames} frames`,
      `${fragments.length} fragments that offsets and contents do not divide into ${frames}`,
    );
  }
  return concatenate(fragments.slice(starts[index]!, starts[index + 1]));
}

/** Offsets of the frames, from the extended table or the basic one; none where the file has no table for all frames. */
function offsetsOf(dataSet: DataSet, basic: Uint8Array, frames: number): readonly number[] | undefined {
  const extended = dataSet.element('ExtendedOffsetTable')?.bytes;
  const viewOf = (bytes: Uint8Array): DataView =>
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (extended?.length === frames * 8) {
    const view = viewOf(extended);
    return Array.from({ length: frames }, (_, frame) => Number(view.getBigUint64(frame * 8, true)));
  }
  if (basic.length !== frames * 4) return undefined;
  const view = viewOf(basic);
  return Array.from({ length: frames }, (_, frame) => view.getUint32(frame * 4, true));
}

/** The first fragment of each frame, where every offset points at one that a frame may begin with. */
function startsByOffsets(
  fragments: readonly Uint8Array[],
  offsets: readonly number[] | undefined,
  coding: PixelCoding,
): readonly number[] | undefined {
  if (!offsets) return undefined;
  // Offsets count from the first fragment's item tag; every item has 8 bytes before its value.
  const places = new Map<number, number>();
  let place = 0;
  for (const [fragment, { length }] of fragments.entries()) {
    places.set(place, fragment);
    place += 8 + length;
  }
  const starts = offsets.map((offset) => places.get(offset));
  const fit = starts.every(
    (start, frame) =>
      start !== undefined &&
      (frame === 0 ? start === 0 : start > (starts[frame - 1] ?? start)) &&
      beginsImage(fragments[start]!, coding) !== false,
  );
  return fit ? (starts as readonly number[]) : undefined;
}

/** The fragments that begin a compressed image, where they are as many as the frames. */
function startsOfImages(
  fragments: readonly Uint8Array[],
  frames: number,
  coding: PixelCoding,
): readonly number[] | undefined {
  const starts = fragments.flatMap((fragment, index) => (beginsImage(fragment, coding) ? [index] : []));
  return starts.length === frames && starts[0] === 0 ? starts : undefined;
}

/** Whether a fragment begins a compressed image; undefined where the coding has no mark for that. */
function beginsImage(fragment: Uint8Array, coding: PixelCoding): boolean | undefined {
  if (coding === 'rle' || coding === 'native') return undefined;
  const mark = coding === 'jpeg-2000' ? [0xff, 0x4f, 0xff, 0x51] : [0xff, 0xd8, 0xff];
  return mark.every((byte, at) => fragment[at] === byte);
}
