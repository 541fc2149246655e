import { fail } from '../../../base/errors.js';
import type { FrameDecoder } from './codecs.js';
import type { DataSet } from './dicom-data-set.js';
import { encapsulatedFrame } from './fragments.js';
import type { DicomFrame, PixelFormat } from './instance.js';
import type { DicomFile } from './part10.js';

/** Values of one frame with the scaling applied, and which of them are padding. */
interface FrameValues {
  readonly values: Float32Array;
  /** 1 where the stored value stands for no measurement; absent when the image defines no padding. */
  readonly padding?: Uint8Array;
  /** Bytes behind the end of a compressed image that are no padding. */
  readonly excessBytes: number;
}

/**
 * Reads the values of one frame: unpacks, sorts out stored bits and sign, applies slope and intercept.
 *
 * @param file the frame's file, read again
 * @throws UtadError bad-file when pixels are cut off, cannot be decoded or are scaled by nonsense.
 * @source DICOM PS3.5, 8 and annex A.4; PS3.3, C.7.6.3 and C.11.1.
 */
export async function readFrameValues(
  file: DicomFile,
  frame: DicomFrame,
  decode: FrameDecoder,
): Promise<FrameValues> {
  const { dataSet, transferSyntax } = file;
  const where = frame.file;
  if (dataSet.element('ModalityLUTSequence')) {
    fail('not-supported', {
      where,
      expected: 'values scaled by slope and intercept',
      got: 'a table of values (ModalityLUTSequence)',
      todo: 'Convert the series.',
    });
  }
  const { slope, intercept } = frame.rescale;
  if (slope === 0) {
    fail('bad-file', {
      where,
      expected: 'a RescaleSlope other than 0',
      got: '0',
      todo: 'Export the series again.',
    });
  }
  const { format } = frame;
  const index = (frame.frameNumber ?? 1) - 1;
  const { samples, excessBytes } =
    transferSyntax.pixels === 'native'
      ? { samples: nativeFrame(dataSet, format, index, where), excessBytes: 0 }
      : await decode(
          encapsulatedFrame(dataSet, index, transferSyntax.pixels, where),
          transferSyntax.pixels,
          format,
          where,
        );
  return { ...scaled(storedValues(samples, format), format, slope, intercept), excessBytes };
}

function nativeFrame(dataSet: DataSet, format: PixelFormat, index: number, where: string): Uint8Array {
  const element = dataSet.element('PixelData');
  if (!element || element.fragments) {
    return fail('bad-file', {
      where,
      expected: 'uncompressed whole-number pixels as the transfer syntax says',
      got: element ? 'compressed ones' : 'floating-point ones, or none',
      todo: 'Export the series again.',
    });
  }
  const length = (format.rows * format.columns * format.bitsAllocated) / 8;
  const start = index * length;
  if (element.bytes.length < start + length) {
    fail('bad-file', {
      where,
      expected: `${start + length} bytes of pixels for ${index + 1} of ${format.columns}×${format.rows}`,
      got: `${element.bytes.length}: the pixels are cut off`,
      todo: 'Copy or export the file again.',
    });
  }
  const bytes = element.bytes.slice(start, start + length);
  const width = format.bitsAllocated / 8;
  // Words of 16 bits are swapped even where a pixel has 8. @source DICOM PS3.5, annex D.
  const swapped = width === 1 ? (element.vr === 'OW' ? 2 : 1) : width;
  if (!dataSet.littleEndian && swapped > 1) {
    for (let at = 0; at + swapped <= bytes.length; at += swapped) bytes.subarray(at, at + swapped).reverse();
  }
  return bytes;
}

/** Cuts the stored bits out of each little-endian sample and gives them their sign. */
function storedValues(bytes: Uint8Array, format: PixelFormat): Float64Array {
  const { rows, columns, bitsAllocated, bitsStored, highBit, signed } = format;
  const width = bitsAllocated / 8;
  const shift = highBit + 1 - bitsStored;
  const unused = 32 - bitsStored;
  const out = new Float64Array(rows * columns);
  for (let pixel = 0; pixel < out.length; pixel++) {
    let raw = 0;
    for (let byte = width - 1; byte >= 0; byte--) raw = (raw << 8) | bytes[pixel * width + byte]!;
    const high = (raw >>> shift) << unused;
    out[pixel] = signed ? high >> unused : high >>> unused;
  }
  return out;
}

function scaled(
  stored: Float64Array,
  { padding }: PixelFormat,
  slope: number,
  intercept: number,
): Omit<FrameValues, 'excessBytes'> {
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) values[i] = slope * stored[i]! + intercept;
  if (!padding) return { values };
  const { low, high } = padding;
  return { values, padding: Uint8Array.from(stored, (value) => Number(value >= low && value <= high)) };
}
