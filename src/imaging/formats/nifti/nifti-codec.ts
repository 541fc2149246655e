import { defaultReadLimits } from '../../read-limits.js';
import type { FileCodec } from '../../volume-format.js';
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
    return {
      size,
      affineVoxelToWorld: affineOfMetadata(metadataOf(header, version, type.name), size, where),
    };
  },
  write: (volume, about) => writeNifti(volume, { ...about, gzip: false }),
};
