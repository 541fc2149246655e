/** How much a reader takes on before it refuses a file; hostile files ask for more than there is memory. */
export interface ReadLimits {
  /** Voxels of the volume that is read. */
  readonly maximumVoxels: number;
  /** Bytes of one file, as it lies on the disk and unpacked. */
  readonly maximumBytes: number;
}

/**
 * 2^28 voxels are 1 GiB of 32-bit values, ten times a head at half a millimetre; 4 GiB hold a long series of
 * volumes, of which one at a time is kept.
 */
export const defaultReadLimits: ReadLimits = { maximumVoxels: 2 ** 28, maximumBytes: 2 ** 32 };
