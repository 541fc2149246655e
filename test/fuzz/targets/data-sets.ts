import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { findCases } from '../../../src/datasets/find-cases.node.js';
import { readMapping } from '../../../src/datasets/mapping.js';
import { readStoreIndex } from '../../../src/slices/store-index.js';
import { editedFiles } from '../byte-edits.js';
import { editedJson } from '../json-edits.js';
import { scratchFolder } from '../scratch-file.js';
import { type FuzzTarget, require } from '../target.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const asInput = (text: string): readonly Uint8Array[] => [bytesOf(text)];

const mapping = {
  modalities: {
    t1: '{patient}/{patient}_t1.nii.gz',
    t2: { file: '{patient}/all.nii.gz', volumeIndex: 1, foreground: 'nonzero' },
    ct: { folder: '{patient}/{session}/ct', series: 'axial', foreground: { above: -900, background: -1000 } },
  },
  mask: '{patient}/mask.nii',
  regions: { whole: 'any', core: [1, 3] },
  target: 'core',
  otherLabels: [2],
  foreground: { above: 0 },
  foregroundMask: '{patient}/brain.nii',
};

/** Mapping files, which describe a data set. */
export const mappingTarget: FuzzTarget = {
  name: 'mapping',
  inputs: editedJson(mapping, 4).map(asInput),
  parse: ([bytes]) => {
    const { modalities, labels, mask } = readMapping(JSON.parse(textOf(bytes)), 'mapping.json');
    require(Object.keys(modalities).length > 0, 'a modality');
    require(mask === undefined || labels !== undefined, 'labels for the mask');
  },
};

const storeIndex = {
  formatVersion: 4,
  side: 32,
  entries: [
    { caseId: 'a', modality: 0, slice: 3, hasTumour: true },
    { caseId: 'b', modality: 1, slice: 0, hasTumour: false },
  ],
  ranges: [{ caseId: 'a', modality: 0, low: 0, high: 100 }],
};

/** Indices of slice stores. */
export const storeIndexTarget: FuzzTarget = {
  name: 'store-index',
  inputs: fc.oneof(
    editedJson(storeIndex).map(asInput),
    editedFiles([{ bytes: bytesOf(JSON.stringify(storeIndex)) }]).map((bytes) => [bytes]),
  ),
  parse: ([bytes]) => {
    const { side, entries, ranges } = readStoreIndex(textOf(bytes), 'index.json');
    require(Number.isSafeInteger(side * side * 6 * entries.length), `${entries.length} of ${side}`);
    require(entries.every(({ slice }) => slice >= 0) && Array.isArray(ranges), 'slices');
  },
};

const scratch = scratchFolder();
const datasetJson = {
  name: 'BRATS',
  channel_names: { 0: 'FLAIR', 1: 'T1w', 2: 't1gd', 3: 'T2w' },
  labels: { background: 0, edema: 1, 'non-enhancing tumor': 2, 'enhancing tumour': [2, 3] },
  file_ending: '.nii.gz',
  training: [
    { image: './imagesTr/BRATS_001.nii.gz', label: './labelsTr/BRATS_001.nii.gz' },
    './imagesTr/B.nii.gz',
  ],
  test: ['./imagesTs/BRATS_002.nii.gz'],
};

/** Descriptions of the Decathlon and of nnU-Net in a folder with some of the files that they name. */
export const datasetJsonTarget: FuzzTarget = {
  name: 'dataset-json',
  inputs: editedJson(datasetJson, 4).map(asInput),
  parse: async ([bytes]) => {
    const folder = dirname(scratch.put('dataset.json', bytes!));
    for (const name of ['imagesTr/BRATS_001', 'imagesTs/BRATS_002_0001', 'labelsTr/BRATS_001']) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, `${name}.nii.gz`), '');
    }
    const { cases, modalities } = await findCases(folder);
    require(cases.length > 0 && modalities.length > 0, `${cases.length} cases`);
    require(cases.every(({ id }) => id !== ''), 'every case has a name');
  },
  close: scratch.remove,
};
