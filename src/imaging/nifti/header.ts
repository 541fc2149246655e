/** The types that header fields have. */
type FieldType = 'uint8' | 'int16' | 'int32' | 'float32' | 'text';

interface HeaderField {
  readonly name: string;
  readonly type: FieldType;
  /** Bytes of a text, elements of an array; a single number has none. */
  readonly count?: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly meaning: string;
}

/**
 * Every field of a NIfTI-1 header; reading and writing both walk this table.
 *
 * @source NIfTI-1 data format, nifti1.h (NIMH, 2007).
 */
export const headerTable = [
  { name: 'sizeofHdr', type: 'int32', offset: 0, meaning: '348; tells the byte order' },
  { name: 'dataType', type: 'text', count: 10, offset: 4, meaning: 'unused' },
  { name: 'dbName', type: 'text', count: 18, offset: 14, meaning: 'unused; may name a patient' },
  { name: 'extents', type: 'int32', offset: 32, meaning: 'unused' },
  { name: 'sessionError', type: 'int16', offset: 36, meaning: 'unused' },
  { name: 'regular', type: 'uint8', offset: 38, meaning: 'unused, r by custom' },
  { name: 'dimInfo', type: 'uint8', offset: 39, meaning: 'which axes are frequency, phase and slice' },
  { name: 'dim', type: 'int16', count: 8, offset: 40, meaning: 'number of axes, then voxels along each' },
  { name: 'intentP1', type: 'float32', offset: 56, meaning: 'parameter of the intent' },
  { name: 'intentP2', type: 'float32', offset: 60, meaning: 'parameter of the intent' },
  { name: 'intentP3', type: 'float32', offset: 64, meaning: 'parameter of the intent' },
  { name: 'intentCode', type: 'int16', offset: 68, meaning: 'what the values mean, 0 for an image' },
  { name: 'datatype', type: 'int16', offset: 70, meaning: 'code of the voxel type' },
  { name: 'bitpix', type: 'int16', offset: 72, meaning: 'bits of a voxel' },
  { name: 'sliceStart', type: 'int16', offset: 74, meaning: 'first slice of the acquisition order' },
  { name: 'pixdim', type: 'float32', count: 8, offset: 76, meaning: 'qfac, then spacing along each axis' },
  { name: 'voxOffset', type: 'float32', offset: 108, meaning: 'bytes from the file start to the voxels' },
  { name: 'sclSlope', type: 'float32', offset: 112, meaning: 'value = slope · stored + inter; 0 for none' },
  { name: 'sclInter', type: 'float32', offset: 116, meaning: 'see sclSlope' },
  { name: 'sliceEnd', type: 'int16', offset: 120, meaning: 'last slice of the acquisition order' },
  { name: 'sliceCode', type: 'uint8', offset: 122, meaning: 'acquisition order' },
  { name: 'xyztUnits', type: 'uint8', offset: 123, meaning: 'units of space (bits 0–2) and time (3–5)' },
  { name: 'calMax', type: 'float32', offset: 124, meaning: 'white of the display' },
  { name: 'calMin', type: 'float32', offset: 128, meaning: 'black of the display' },
  { name: 'sliceDuration', type: 'float32', offset: 132, meaning: 'time of a slice' },
  { name: 'toffset', type: 'float32', offset: 136, meaning: 'start of the time axis' },
  { name: 'glmax', type: 'int32', offset: 140, meaning: 'unused' },
  { name: 'glmin', type: 'int32', offset: 144, meaning: 'unused' },
  { name: 'descrip', type: 'text', count: 80, offset: 148, meaning: 'any text; may name a patient' },
  { name: 'auxFile', type: 'text', count: 24, offset: 228, meaning: 'a file name; may name a patient' },
  { name: 'qformCode', type: 'int16', offset: 252, meaning: 'the space of the quaternion, 0 for unused' },
  { name: 'sformCode', type: 'int16', offset: 254, meaning: 'the space of the affine rows, 0 for unused' },
  { name: 'quaternB', type: 'float32', offset: 256, meaning: 'rotation as a quaternion' },
  { name: 'quaternC', type: 'float32', offset: 260, meaning: 'rotation as a quaternion' },
  { name: 'quaternD', type: 'float32', offset: 264, meaning: 'rotation as a quaternion' },
  { name: 'qoffsetX', type: 'float32', offset: 268, meaning: 'x of voxel (0, 0, 0)' },
  { name: 'qoffsetY', type: 'float32', offset: 272, meaning: 'y of voxel (0, 0, 0)' },
  { name: 'qoffsetZ', type: 'float32', offset: 276, meaning: 'z of voxel (0, 0, 0)' },
  { name: 'srowX', type: 'float32', count: 4, offset: 280, meaning: 'first row of the affine' },
  { name: 'srowY', type: 'float32', count: 4, offset: 296, meaning: 'second row of the affine' },
  { name: 'srowZ', type: 'float32', count: 4, offset: 312, meaning: 'third row of the affine' },
  { name: 'intentName', type: 'text', count: 16, offset: 328, meaning: 'any text; may name a patient' },
  { name: 'magic', type: 'text', count: 4, offset: 344, meaning: 'n+1 for one file, ni1 for .hdr and .img' },
] as const satisfies readonly HeaderField[];

type Row = (typeof headerTable)[number];

/** A header as an object: a text, a number or an array of numbers for each row of the table. */
export type NiftiHeader = {
  readonly [R in Row as R['name']]: R extends { type: 'text' }
    ? string
    : R extends { count: number }
      ? readonly number[]
      : number;
};

/** Bytes of the header. */
export const headerLength = 348;

/** Bytes before the voxels of a file without extensions: the header and four zeros. */
export const minimumVoxOffset = 352;

const byteLengths = { uint8: 1, int16: 2, int32: 4, float32: 4, text: 1 } as const;

/** Reads a header of at least 348 bytes in the given byte order; texts end at their first zero byte. */
export function decodeHeader(bytes: Uint8Array, littleEndian: boolean): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = headerTable.map((field: HeaderField) => {
    const { name, type, count, offset } = field;
    if (type === 'text') {
      const text = Array.from(bytes.subarray(offset, offset + count!), (code) => String.fromCharCode(code));
      return [name, text.join('').replace(/\0.*$/s, '')] as const;
    }
    const one = (index: number): number =>
      getNumber(view, type, offset + index * byteLengths[type], littleEndian);
    return [name, count === undefined ? one(0) : Array.from({ length: count }, (_, i) => one(i))] as const;
  });
  return Object.fromEntries(entries) as unknown as NiftiHeader;
}

/** Writes a header as 348 little-endian bytes; texts are cut to their field. */
export function encodeHeader(header: NiftiHeader): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  const view = new DataView(bytes.buffer);
  for (const field of headerTable as readonly HeaderField[]) {
    const value = header[field.name as keyof NiftiHeader];
    if (typeof value === 'string') {
      for (let i = 0; i < Math.min(value.length, field.count!); i++)
        bytes[field.offset + i] = value.charCodeAt(i);
    } else {
      const numbers = typeof value === 'number' ? [value] : value;
      const step = byteLengths[field.type];
      for (const [i, number] of numbers.entries())
        setNumber(view, field.type, field.offset + i * step, number);
    }
  }
  return bytes;
}

function getNumber(view: DataView, type: FieldType, offset: number, littleEndian: boolean): number {
  if (type === 'int16') return view.getInt16(offset, littleEndian);
  if (type === 'int32') return view.getInt32(offset, littleEndian);
  if (type === 'float32') return view.getFloat32(offset, littleEndian);
  return view.getUint8(offset);
}

function setNumber(view: DataView, type: FieldType, offset: number, value: number): void {
  if (type === 'int16') view.setInt16(offset, value, true);
  else if (type === 'int32') view.setInt32(offset, value, true);
  else if (type === 'float32') view.setFloat32(offset, value, true);
  else view.setUint8(offset, value);
}
