import { describe, expect, it } from 'vitest';
import { toWorld } from './geometry.js';
import { prepareMask, prepareVolume } from './prepare.js';
import { defaultRecipe } from './recipe.js';
import { multiply } from './regrid.js';
import { reorientVolume } from './reorient.js';
import { noOrigin, type Triple, type Volume } from './volume.js';

const size: Triple = [24, 20, 16];
const turn = Math.PI / 9;
/** Oblique, and of another spacing along each axis. */
const affineVoxelToWorld = [
  ...[-6 * Math.cos(turn), 7 * Math.sin(turn), 0, 40],
  ...[-6 * Math.sin(turn), -7 * Math.cos(turn), 0, 70],
  ...[0, 0, 8, -60],
  ...[0, 0, 0, 1],
];

/** An ellipsoid that is another from every side. */
function image(): Volume {
  const data = new Float32Array(size[0] * size[1] * size[2]);
  for (let at = 0; at < data.length; at++) {
    const [i, j, k] = [at % 24, Math.floor(at / 24) % 20, Math.floor(at / 480)];
    const inside = ((i - 11) / 9) ** 2 + ((j - 9) / 8) ** 2 + ((k - 7) / 6) ** 2 < 1;
    if (inside) data[at] = 100 + at + (i > 12 ? 5000 : 0);
  }
  return { data, size, affineVoxelToWorld, origin: noOrigin };
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const ways = orders.flatMap((order) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({ order, mirrored: [bits & 1, bits & 2, bits & 4].map(Boolean) })),
);

/** The same voxels, stored with axes exchanged and mirrored. */
function stored(volume: Volume, order: Triple, mirrored: readonly boolean[]): Volume {
  const change = new Array<number>(16).fill(0);
  change[15] = 1;
  order.forEach((axis, column) => {
    change[4 * axis + column] = mirrored[column] ? -1 : 1;
    if (mirrored[column]) change[4 * axis + 3] = volume.size[axis]! - 1;
  });
  const [ni, nj, nk] = order.map((axis) => volume.size[axis]!) as [number, number, number];
  const data = new Float32Array(volume.data.length);
  for (let at = 0; at < data.length; at++) {
    const [i, j, k] = toWorld(change, [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))]);
    data[at] = volume.data[i + volume.size[0] * (j + volume.size[1] * k)]!;
  }
  return {
    ...{ data, size: [ni, nj, nk] as const, origin: noOrigin },
    affineVoxelToWorld: multiply(volume.affineVoxelToWorld, change),
  };
}

describe('a volume of the same voxels in another order', () => {
  it.each(ways)('comes back to the bit: $order $mirrored', ({ order, mirrored }) => {
    const volume = image();
    const other = stored(volume, order, mirrored);
    expect(reorientVolume(other, volume)?.data).toEqual(volume.data);
    expect(reorientVolume(volume, other)?.data).toEqual(other.data);
  });

  it.each(ways)(
    'serves as a mask of an image without resampling: $order $mirrored',
    ({ order, mirrored }) => {
      const volume = image();
      const mask: Volume = { ...volume, data: volume.data.map((value) => (value > 5000 ? 1 : 0)) };
      const other = stored(mask, order, mirrored);
      const recipe = defaultRecipe(32);
      const { record } = prepareVolume(volume, recipe);
      const isTumour = (label: number): boolean => label === 1;
      expect(prepareMask(other, isTumour, record)).toEqual(prepareMask(mask, isTumour, record));
      const brain: Volume = { ...volume, data: volume.data.map((value) => (value > 0 ? 1 : 0)) };
      expect(prepareVolume(volume, recipe, 'x', { brain: stored(brain, order, mirrored) }).slices).toEqual(
        prepareVolume(volume, recipe, 'x', { brain }).slices,
      );
    },
  );

  it('is not one whose voxels lie elsewhere', () => {
    const volume = image();
    const moved = [...affineVoxelToWorld];
    moved[3]! += 3;
    expect(reorientVolume({ ...volume, affineVoxelToWorld: moved }, volume)).toBeUndefined();
    const finer = affineVoxelToWorld.map((value, at) => (at % 4 === 0 ? value / 2 : value));
    expect(reorientVolume({ ...volume, affineVoxelToWorld: finer }, volume)).toBeUndefined();
    // Mirrored by its header alone, without its voxels.
    const mirrored = affineVoxelToWorld.map((value, at) => (at % 4 === 0 && at < 12 ? -value : value));
    expect(reorientVolume({ ...volume, affineVoxelToWorld: mirrored }, volume)).toBeUndefined();
  });
});
