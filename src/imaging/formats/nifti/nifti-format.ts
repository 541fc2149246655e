import type { FileFormat } from '../../volume-format.js';
import { headerKindOf } from './header.js';

/** NIfTI-1 and NIfTI-2, one file or a pair. */
export const niftiFormat = {
  kind: 'file',
  name: 'nifti',
  title: 'NIfTI',
  extensions: ['.nii.gz', '.nii'],
  pair: { header: '.hdr', voxels: '.img' },
  sniff: ({ unpacked }) => headerKindOf(unpacked) !== undefined,
  load: async () => (await import('./nifti-codec.js')).niftiCodec,
} as const satisfies FileFormat;
