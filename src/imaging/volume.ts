import type { Affine, Triple } from './affine.js';
import type { NiftiMetadata } from './formats/nifti/metadata.js';

export type { Affine, Triple };

/**
 * A scalar image on a grid in the patient's space.
 *
 * `data[i + size[0] * (j + size[1] * k)]` is the value at voxel (i, j, k): i runs fastest, as in a NIfTI file.
 * Spacing and orientation are derived from the affine, never stored beside it.
 */
export interface Volume {
  /** Values with the file's scaling applied, in the scanner's arbitrary units. */
  readonly data: Float32Array;
  /** Number of voxels along i, j, k. */
  readonly size: Triple;
  /** Voxel indices → world coordinates, millimetres, RAS+ (x to the right, y to the front, z to the top). */
  readonly affineVoxelToWorld: Affine;
  /** What the source file said about its own geometry, so that the same words can be written back. */
  readonly nifti?: NiftiMetadata;
  /** What a person should know about how the file was read; a sentence each, without the file's name. */
  readonly notes?: readonly string[];
}
