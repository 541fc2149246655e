import { fail } from '../base/errors.js';
import type { NiftiOrigin } from '../imaging/formats/nifti/metadata.js';
import type { Affine, Triple } from '../imaging/volume.js';

/** Voxel sizes that the phantom can be made at, millimetres. */
const phantomSpacings: readonly number[] = [1, 2, 4];

/** Size of a BraTS volume at 1 mm. */
const bratsSize: Triple = [240, 240, 155];
/** Head coordinates of BraTS voxel (0, 0, 0): the middle plane at i = 119, the anterior commissure near j = 110, k = 72. */
const firstVoxel: Triple = [-119, 110, -72];

/** Where the voxels of a phantom volume lie. */
export interface PhantomGeometry {
  readonly spacingMm: number;
  /** Number of voxels along i, j, k. */
  readonly size: Triple;
  /** The same as in BraTS files: x falls with i, y falls with j, z rises with k. */
  readonly affineVoxelToWorld: Affine;
  /** The same in the words of a NIfTI header, both forms filled in. */
  readonly origin: NiftiOrigin;
  /** Head coordinates of the centre of voxel (0, 0, 0), millimetres; along j they fall. */
  readonly firstCentre: Triple;
}

/**
 * Geometry of a phantom volume: that of BraTS at 1 mm; at 2 and 4 mm each voxel is a block of BraTS voxels.
 *
 * @throws UtadError bad-argument when the spacing is none of 1, 2, 4.
 */
export function phantomGeometry(spacingMm: number): PhantomGeometry {
  if (!phantomSpacings.includes(spacingMm)) {
    fail('bad-argument', { where: 'spacing', expected: '1, 2 or 4 millimetres', got: String(spacingMm) });
  }
  const s = spacingMm;
  // A block's centre is the mean of the centres in it.
  const centre = (s - 1) / 2;
  const affineVoxelToWorld = [-s, 0, 0, -centre, 0, -s, 0, 239 - centre, 0, 0, s, centre, 0, 0, 0, 1];
  return {
    spacingMm: s,
    size: [bratsSize[0] / s, bratsSize[1] / s, Math.floor(bratsSize[2] / s)],
    affineVoxelToWorld,
    origin: {
      format: 'nifti',
      header: {
        version: 1,
        qformCode: 1,
        sformCode: 1,
        qfac: 1,
        pixdim: [s, s, s],
        // Half a turn about z: x and y run against the world's axes.
        quaternion: [0, 0, 1],
        qoffset: [-centre, 239 - centre, centre],
        srow: affineVoxelToWorld.slice(0, 12),
        units: 2,
        dimInfo: 0,
        voxelType: 'int16',
      },
    },
    firstCentre: [firstVoxel[0] + centre, firstVoxel[1] - centre, firstVoxel[2] + centre],
  };
}

/** Calls `visit` for every voxel in memory order with the head coordinates of its centre. */
export function visitVoxels(
  geometry: PhantomGeometry,
  visit: (index: number, x: number, y: number, z: number) => void,
): void {
  const { size, spacingMm, firstCentre } = geometry;
  let index = 0;
  for (let k = 0; k < size[2]; k++) {
    const z = firstCentre[2] + k * spacingMm;
    for (let j = 0; j < size[1]; j++) {
      const y = firstCentre[1] - j * spacingMm;
      for (let i = 0; i < size[0]; i++) visit(index++, firstCentre[0] + i * spacingMm, y, z);
    }
  }
}
