import { requireArguments } from '../base/arguments.js';
import { fail } from '../base/errors.js';
import type { Volume } from './volume.js';

/** Numbers of an affine that say where voxels lie; the last row says nothing. */
const affineRows = 12;

/**
 * Requires numbers that can be an affine.
 *
 * @throws UtadError bad-argument.
 */
export function requireAffine(affine: unknown, where: string): void {
  if (isNumbers(affine) && affine.length >= affineRows) return;
  fail('bad-argument', { where, expected: 'an affine of 16 numbers', got: counted(affine) });
}

/** Requires something with the size and the affine of a volume. @throws UtadError bad-argument. */
export function requireGrid(grid: unknown, where: string): void {
  requireArguments(where, { grid: [grid, 'object'] });
  const { size, affineVoxelToWorld } = grid as {
    readonly size?: unknown;
    readonly affineVoxelToWorld?: unknown;
  };
  if (!isNumbers(size) || size.length !== 3)
    fail('bad-argument', { where, expected: 'a size of 3 numbers', got: counted(size) });
  requireAffine(affineVoxelToWorld, where);
}

/**
 * Requires that a volume is one: as many values as its size says, and an affine that gives its voxels a place.
 *
 * @param where its name, for messages
 * @throws UtadError bad-argument where a field is missing, bad-shape where the fields do not fit each other.
 */
export function requireVolume(
  volume: Pick<Volume, 'data' | 'size' | 'affineVoxelToWorld'>,
  where: string,
): void {
  requireGrid(volume, where);
  const { data, size, affineVoxelToWorld: affine } = volume;
  const fact = (expected: string, got: string): never => fail('bad-shape', { where, expected, got });
  if (!((data as unknown) instanceof Float32Array))
    fail('bad-argument', { where, expected: 'data as a Float32Array', got: counted(data) });
  if (!size.every((n) => Number.isInteger(n) && n > 0))
    fact('a size of whole numbers above 0', size.join('×'));
  const voxels = size[0] * size[1] * size[2];
  if (data.length !== voxels) fact(`${size.join('×')} voxels`, `${data.length} values`);
  if (affine.length !== 16 || !affine.every(Number.isFinite))
    fact(
      'an affine of 16 finite numbers',
      affine.length === 16 ? affine.join(' ') : `${affine.length} numbers`,
    );
  const [a, b, c, , d, e, f, , g, h, i] = affine as readonly number[] & { readonly length: 16 };
  const determinant = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
  if (!(Number.isFinite(determinant) && determinant !== 0))
    fact('an affine of three axes', 'axes that fall together');
}

/** A list of numbers, of any class. */
function isNumbers(value: unknown): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView);
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function counted(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `${(value as ArrayLike<unknown>).length ?? 'no'} values (${value.constructor.name})`;
  return value === null ? 'null' : typeof value;
}
