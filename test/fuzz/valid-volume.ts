import { spacingOf } from '../../src/imaging/geometry.js';
import type { Volume } from '../../src/imaging/volume.js';
import { require } from './target.js';

/** What every reader of volumes promises. */
export function requireVolume({ data, size, affineVoxelToWorld: affine }: Volume): void {
  require(size.length === 3 && size.every((n) => Number.isSafeInteger(n) && n > 0), `size ${size}`);
  require(data instanceof Float32Array &&
    data.length === size[0] * size[1] * size[2], `${data.length} values`);
  require(affine.length === 16 && affine.every(Number.isFinite), `affine ${affine}`);
  require(affine.slice(12).join() === '0,0,0,1', `last row ${affine.slice(12)}`);
  require(spacingOf(affine).every((mm) => mm > 0 && mm < 1e6), `spacing ${spacingOf(affine)}`);
}

/** Whether what was written and read again is the same. */
export function requireSameVolume(again: Volume, source: Volume): void {
  const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    a.length === b.length &&
    Array.from(a).every((value, i) => value === b[i] || (Number.isNaN(value) && Number.isNaN(b[i])));
  require(same(again.size, source.size), 'size kept');
  require(same(again.affineVoxelToWorld, source.affineVoxelToWorld), 'affine kept');
  require(same(again.data, source.data), 'values kept');
}
