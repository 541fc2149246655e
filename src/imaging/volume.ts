/** Three numbers along the voxel axes i, j, k (or along x, y, z of the world). */
export type Triple = readonly [number, number, number];

/** A 4×4 matrix, rows outermost, last row 0 0 0 1. Maps voxel indices (i, j, k, 1) to world millimetres (RAS+). */
export type Affine = readonly number[];

/**
 * What volumes keep of the files they came from, by the name of the format. Each format adds its own entry to this
 * interface (`declare module`), in its own folder.
 */
export interface VolumeOrigins {
  /** Computed, or read from something that leaves nothing to keep. */
  readonly none: { readonly format: 'none' };
}

/** What a volume keeps of the file it came from; `format` tells which. Formats write their own origin back. */
export type VolumeOrigin = VolumeOrigins[keyof VolumeOrigins];

/** The origin of a volume that came from no file. */
export const noOrigin = { format: 'none' } as const satisfies VolumeOrigin;

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
  /** What the source file said of itself, so that the same words can be written back; {@link noOrigin} without one. */
  readonly origin: VolumeOrigin;
  /** What a person should know about how the file was read; a sentence each, without the file's name. */
  readonly notes?: readonly string[];
}
