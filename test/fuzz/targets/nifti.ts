import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { nifti1Table } from '../../../src/imaging/formats/nifti/header-1.js';
import { nifti2Table } from '../../../src/imaging/formats/nifti/header-2.js';
import { fieldWidths, type HeaderField } from '../../../src/imaging/formats/nifti/header-table.js';
import { readNifti } from '../../../src/imaging/formats/nifti/read.js';
import { writeNifti } from '../../../src/imaging/formats/nifti/write.js';
import { goldenBytes } from '../../fixtures/nifti-golden.js';
import { editedFiles, type NumberField, type Seed } from '../byte-edits.js';
import type { FuzzTarget } from '../target.js';
import { requireSameVolume, requireVolume } from '../valid-volume.js';

/** The numbers of a header, those that place voxels three times as often as the rest. */
function fieldsOf(bytes: Uint8Array): NumberField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const littleEndian = [348, 540].includes(view.getInt32(0, true));
  const table: readonly HeaderField[] = view.getInt32(0, littleEndian) === 540 ? nifti2Table : nifti1Table;
  const weighty = /^(dim|pixdim|datatype|voxOffset|scl|srow|quatern|qoffset|.formCode)/;
  return table.flatMap(({ name, type, offset, count = 1 }) => {
    if (type === 'text') return [];
    const elements = Array.from({ length: count }, (_, i) => ({
      offset: offset + i * fieldWidths[type],
      type,
      littleEndian,
    }));
    return weighty.test(name) ? [...elements, ...elements, ...elements] : elements;
  });
}

const seedOf = (name: string): Seed => {
  const bytes = goldenBytes(name);
  return { bytes, fields: fieldsOf(bytes) };
};

const plain = [
  'oblique.nii',
  'half-turn.nii',
  'no-forms.nii',
  'scaled.nii',
  'series.nii',
  'extension.nii',
  'v1-big-int32.nii',
  'v1-little-float64.nii',
  'v2-forms-differ.nii',
  'v2-little-uint64.nii',
  'v2-no-forms.nii',
  'v2-scaled.nii',
].map(seedOf);
const packed = ['qform-only.nii.gz', 'two-members.nii.gz', 'v2-series.nii.gz'].map((name) => ({
  bytes: goldenBytes(name),
}));

/** Single files, packed or not, damaged outside or inside the packing. */
export const niftiTarget: FuzzTarget = {
  name: 'nifti',
  inputs: fc
    .oneof(
      { weight: 5, arbitrary: editedFiles(plain) },
      { weight: 2, arbitrary: editedFiles(packed) },
      { weight: 2, arbitrary: editedFiles(plain).map((bytes) => gzipSync(bytes, { mtime: 0 })) },
    )
    .map((bytes) => [bytes]),
  parse: ([bytes]) => {
    const volume = readNifti(bytes!, 'fuzz.nii');
    requireVolume(volume);
    requireSameVolume(readNifti(writeNifti(volume, { gzip: false }), 'again'), volume);
  },
};

const headers = ['pair.hdr', 'pair-big.hdr', 'v2-pair.hdr', 'pair-series.hdr'].map(seedOf);
const voxels = ['pair.img', 'pair-big.img', 'pair-series.img', 'pair-packed.img.gz'].map((name) => ({
  bytes: goldenBytes(name),
}));

/** Pairs of a header and voxels, which need not belong together, with any choice among volumes. */
export const niftiPairTarget: FuzzTarget = {
  name: 'nifti-pair',
  inputs: fc.tuple(
    fc.oneof(
      { weight: 4, arbitrary: editedFiles(headers) },
      { weight: 1, arbitrary: editedFiles([{ bytes: goldenBytes('pair-packed.hdr.gz') }]) },
    ),
    editedFiles(voxels, 2),
    fc.nat(3).map((index) => Uint8Array.of(index)),
  ),
  parse: ([header, image, choice]) => {
    const index = choice?.[0];
    const volume = readNifti(header!, 'fuzz.hdr', {
      voxelFile: { bytes: image!, where: 'fuzz.img' },
      ...(index === undefined || index === 3 ? {} : { volumeIndex: index }),
    });
    requireVolume(volume);
  },
};
