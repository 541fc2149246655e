import { fail } from '../base/errors.js';
import { toWorld } from './geometry.js';
import { type Affine, noOrigin, type Triple, type Volume } from './volume.js';

/** Voxels in the world. */
export type Grid = Pick<Volume, 'size' | 'affineVoxelToWorld'>;

/**
 * A volume's values at the voxels of another grid.
 *
 * @param method `nearest` voxel, or `linear` interpolation between the eight around
 * @param fill the value beyond the volume
 * @throws UtadError bad-shape when the volume's axes fall together.
 */
export function regrid(volume: Volume, grid: Grid, method: 'nearest' | 'linear', fill: number): Volume {
  const step = multiply(invert(volume.affineVoxelToWorld), grid.affineVoxelToWorld);
  const [ni, nj, nk] = grid.size;
  const data = new Float32Array(ni * nj * nk);
  const sample = method === 'nearest' ? nearestAt(volume, fill) : linearAt(volume, fill);
  let at = 0;
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const [x, y, z] = toWorld(step, [0, j, k]);
      for (let i = 0; i < ni; i++) data[at++] = sample(x + i * step[0]!, y + i * step[4]!, z + i * step[8]!);
    }
  return { data, size: grid.size, affineVoxelToWorld: grid.affineVoxelToWorld, origin: noOrigin };
}

type Sampler = (x: number, y: number, z: number) => number;

function nearestAt({ data, size: [ni, nj, nk] }: Volume, fill: number): Sampler {
  return (x, y, z) => {
    const [i, j, k] = [Math.round(x), Math.round(y), Math.round(z)];
    if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) return fill;
    return data[i + ni * (j + nj * k)]!;
  };
}

function linearAt({ data, size: [ni, nj, nk] }: Volume, fill: number): Sampler {
  const hair = 1e-4;
  const inside = (x: number, n: number): boolean => x >= -hair && x <= n - 1 + hair;
  return (x, y, z) => {
    if (!inside(x, ni) || !inside(y, nj) || !inside(z, nk)) return fill;
    const [i, j, k] = [floorWithin(x, ni), floorWithin(y, nj), floorWithin(z, nk)];
    const [u, v, w] = [x - i, y - j, z - k];
    const [di, dj, dk] = [ni > 1 ? 1 : 0, nj > 1 ? ni : 0, nk > 1 ? ni * nj : 0];
    const at = i + ni * (j + nj * k);
    const along = (from: number): number => data[from]! * (1 - u) + data[from + di]! * u;
    const across = (from: number): number => along(from) * (1 - v) + along(from + dj) * v;
    return across(at) * (1 - w) + across(at + dk) * w;
  };
}

function floorWithin(x: number, n: number): number {
  return Math.min(Math.max(Math.floor(x), 0), Math.max(0, n - 2));
}

/** The inverse of an affine. @throws UtadError bad-shape when it has none. */
export function invert(affine: Affine): Affine {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine as readonly number[] & { readonly length: 16 };
  const minors = [e! * i! - f! * h!, c! * h! - b! * i!, b! * f! - c! * e!];
  const determinant = a! * minors[0]! + d! * minors[1]! + g! * minors[2]!;
  if (!Number.isFinite(1 / determinant))
    fail('bad-shape', { where: 'affine', expected: 'three axes', got: 'axes that fall together' });
  const m = [
    ...[minors[0]!, minors[1]!, minors[2]!],
    ...[f! * g! - d! * i!, a! * i! - c! * g!, c! * d! - a! * f!],
    ...[d! * h! - e! * g!, b! * g! - a! * h!, a! * e! - b! * d!],
  ].map((minor) => minor / determinant);
  const shift = (row: number): number => -(m[3 * row]! * x! + m[3 * row + 1]! * y! + m[3 * row + 2]! * z!);
  return [0, 1, 2].flatMap((row) => [...m.slice(3 * row, 3 * row + 3), shift(row)]).concat(0, 0, 0, 1);
}

/** The affine that does what `b` does and then what `a` does. */
export function multiply(a: Affine, b: Affine): Affine {
  return Array.from({ length: 16 }, (_, n) => {
    const [row, column] = [Math.floor(n / 4), n % 4];
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * row + k]! * b[4 * k + column]!, 0);
  });
}

/**
 * A grid along the world's axes that holds a volume, with the volume's middle in its own.
 *
 * @param axes the direction of i, j, k as letters, such as `LIA`
 */
export function straightGrid(volume: Grid, axes: string, spacingMm: number): Grid {
  const { size, affineVoxelToWorld } = volume;
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    toWorld(
      affineVoxelToWorld,
      size.map((n, axis) => ((bits >> axis) & 1 ? n - 0.5 : -0.5)),
    ),
  );
  const bounds = ([0, 1, 2] as const).map((world) => {
    const along = corners.map((corner) => corner[world]);
    return { low: Math.min(...along), high: Math.max(...along) };
  });
  const letters = [...axes].map((letter) => directions[letter]!);
  const counts = letters.map(({ world }) => {
    const { low, high } = bounds[world]!;
    return Math.max(1, Math.ceil((high - low) / spacingMm - 1e-3));
  }) as [number, number, number];
  const affine = new Array<number>(16).fill(0);
  affine[15] = 1;
  letters.forEach(({ world, sign }, axis) => {
    const { low, high } = bounds[world]!;
    affine[4 * world + axis] = sign * spacingMm;
    affine[4 * world + 3] = (low + high) / 2 - (sign * spacingMm * (counts[axis]! - 1)) / 2;
  });
  return { size: counts, affineVoxelToWorld: affine };
}

const directions: Readonly<Record<string, { readonly world: 0 | 1 | 2; readonly sign: 1 | -1 }>> = {
  R: { world: 0, sign: 1 },
  L: { world: 0, sign: -1 },
  A: { world: 1, sign: 1 },
  P: { world: 1, sign: -1 },
  S: { world: 2, sign: 1 },
  I: { world: 2, sign: -1 },
};

/** A box of a grid, from a first voxel (which may lie outside) on. */
export function boxOf({ affineVoxelToWorld }: Grid, first: Triple, size: Triple): Grid {
  const [x, y, z] = toWorld(affineVoxelToWorld, first);
  const affine = [...affineVoxelToWorld];
  [affine[3], affine[7], affine[11]] = [x, y, z];
  return { size, affineVoxelToWorld: affine };
}
