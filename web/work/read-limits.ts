import type { DicomLimits } from '../../src/imaging/formats/dicom/limits.js';
import type { ReadLimits } from '../../src/imaging/read-limits.js';

/** A tab has about 4 GB for all volumes together: one takes at most half a gigabyte of values, a file a gigabyte. */
export const tabLimits: ReadLimits = { maximumVoxels: 2 ** 27, maximumBytes: 2 ** 30 };

/** The same for DICOM. */
export const tabDicomLimits: Partial<DicomLimits> = {
  voxels: tabLimits.maximumVoxels,
  unpackedBytes: tabLimits.maximumBytes,
};
