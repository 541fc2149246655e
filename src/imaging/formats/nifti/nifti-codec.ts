import { defaultReadLimits } from '../../read-limits.js';
import type { FileCodec } from '../../volume-format.js';
import { geometryNotes } from './geometry-notes.js';
import { longestHeader } from './header.js';
import { layoutOf } from './layout.js';
import { affineOfMetadata, metadataOf } from './metadata.js';
import { readNifti } from './read.js';
import { writeNifti } from './write.js';

/** Reads and writes NIfTI files. */
export const niftiCodec: FileCodec = {
  read: readNifti,
  readGrid: (head, where, { volumeIndex, paired }) => {
    const request = { limits: defaultReadLimits, volumeIndex, paired };
    const { header, version, size, type } = layoutOf(head.subarray(0, longestHeader), where, request);
    const metadata = metadataOf(header, version, type.name);
    const affineVoxelToWorld = affineOfMetadata(metadata, size, where);
    const notes = geometryNotes(metadata, size, affineVoxelToWorld);
    return { size, affineVoxelToWorld, ...(notes.length === 0 ? {} : { notes }) };
  },
  write: (volume, about) => writeNifti(volume, { ...about, gzip: false }),
};
