import type { VoxelTypeName } from '../../volume-format.js';

type NumberArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** One voxel type: its code in the header, its width, its array. */
export interface VoxelType {
  readonly name: VoxelTypeName;
  readonly code: number;
  readonly bytes: number;
  /** Stored whole numbers lie in this range; absent for floating point. */
  readonly range?: { readonly low: number; readonly high: number };
  readonly view: (buffer: ArrayBuffer) => NumberArray | BigInt64Array | BigUint64Array;
}

const whole = (low: number, high: number) => ({ low, high });

/** The voxel types, with the codes of the NIfTI-1 header. @source nifti1.h, NIFTI_TYPE_*. */
export const voxelTypes: readonly VoxelType[] = [
  { name: 'uint8', code: 2, bytes: 1, range: whole(0, 255), view: (b) => new Uint8Array(b) },
  { name: 'int16', code: 4, bytes: 2, range: whole(-32768, 32767), view: (b) => new Int16Array(b) },
  { name: 'int32', code: 8, bytes: 4, range: whole(-(2 ** 31), 2 ** 31 - 1), view: (b) => new Int32Array(b) },
  { name: 'float32', code: 16, bytes: 4, view: (b) => new Float32Array(b) },
  { name: 'float64', code: 64, bytes: 8, view: (b) => new Float64Array(b) },
  { name: 'int8', code: 256, bytes: 1, range: whole(-128, 127), view: (b) => new Int8Array(b) },
  { name: 'uint16', code: 512, bytes: 2, range: whole(0, 65535), view: (b) => new Uint16Array(b) },
  { name: 'uint32', code: 768, bytes: 4, range: whole(0, 2 ** 32 - 1), view: (b) => new Uint32Array(b) },
  {
    name: 'int64',
    code: 1024,
    bytes: 8,
    range: whole(-(2 ** 53), 2 ** 53),
    view: (b) => new BigInt64Array(b),
  },
  { name: 'uint64', code: 1280, bytes: 8, range: whole(0, 2 ** 53), view: (b) => new BigUint64Array(b) },
];

/** What the header's code for a voxel type that is not read is called. @source nifti1.h. */
export const unreadVoxelTypes: Readonly<Record<number, string>> = {
  0: 'unknown',
  1: 'binary, 1 bit',
  32: 'complex64',
  128: 'RGB colour',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'RGBA colour',
};

/** Turns stored voxels into values: `slope · stored + inter`, as 32-bit floating point. */
export function decodeVoxels(
  stored: Uint8Array,
  type: VoxelType,
  littleEndian: boolean,
  scaling: { readonly slope: number; readonly inter: number },
): Float32Array {
  // A copy with a buffer of its own (a Buffer's slice has none): aligned, and free to be swapped.
  const bytes = new Uint8Array(stored);
  if (!littleEndian) swapBytes(bytes, type.bytes);
  const numbers = type.view(bytes.buffer as ArrayBuffer);
  const { slope, inter } = scaling;
  if (numbers instanceof Float32Array && slope === 1 && inter === 0) return numbers;
  const values = new Float32Array(numbers.length);
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) values[i] = Number(numbers[i]!) * slope + inter;
  } else {
    for (let i = 0; i < values.length; i++) values[i] = numbers[i]! * slope + inter;
  }
  return values;
}

/** Writes values as stored voxels, little-endian; whole-number types round to the nearest. */
export function encodeVoxels(values: Float32Array, type: VoxelType): Uint8Array {
  const buffer = new ArrayBuffer(values.length * type.bytes);
  const numbers = type.view(buffer);
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) numbers[i] = BigInt(Math.round(values[i]!));
  } else if (type.range) {
    for (let i = 0; i < values.length; i++) numbers[i] = Math.round(values[i]!);
  } else {
    numbers.set(values);
  }
  return new Uint8Array(buffer);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  for (let start = 0; start + width <= bytes.length; start += width) {
    bytes.subarray(start, start + width).reverse();
  }
}
