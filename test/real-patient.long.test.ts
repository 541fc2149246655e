import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCases } from '../src/datasets/find-cases.node.js';
import { withoutHoles } from '../src/imaging/components.js';
import { readVolume, readVolumeFile, writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import type { LoadedModel } from '../src/translate/loaded-model.js';
import { loadModel } from '../src/translate/model.node.js';
import { translateVolume } from '../src/translate/translate-volume.js';
import { noRealData, realData } from './fixtures/real-data.js';
import { tinyModelFile } from './fixtures/tiny-model.js';

const data = realData();

if (data === null) process.stderr.write(`real patients: ${noRealData}\n`);

describe.skipIf(data === null)('a real patient', () => {
  let folder: string;
  let model: LoadedModel;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'utad-real-'));
    model = await loadModel(await tinyModelFile(folder), { threads: 1 });
  });
  afterAll(async () => {
    await model.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['mini', 't1', 'flair'],
    ['full', 't2', 't1ce'],
  ] as const)(
    'of the %s set keeps grid, affine, header and brain from %s to %s, through files',
    async (set, source, target) => {
      const [patient] = (await findCases(data![set])).cases;
      const scan = await readVolume(patient!.modalities[source]!);
      const made = await translateVolume(scan, { model, source, target });
      const out = join(folder, `${set}.nii.gz`);
      await writeVolumeFile(out, made);
      const read = await readVolumeFile(out);

      expect(read.size).toEqual(scan.size);
      expect(read.affineVoxelToWorld).toEqual(scan.affineVoxelToWorld);
      if (scan.origin.format !== 'nifti') throw new Error('the patients of data sets are NIfTI files');
      const header = { ...scan.origin.header, voxelType: 'float32', synthetic: true };
      expect(read.origin).toEqual({ format: 'nifti', header });
      const { low, high } = model.metadata.valueRanges[target]!;
      // A hole in a brain is brain.
      const brain = withoutHoles(
        Uint8Array.from(scan.data, (value) => (value === 0 ? 0 : 1)),
        scan.size,
      );
      const outside = read.data.filter((value, i) => (brain[i] === 0) !== (value === 0));
      expect(outside).toHaveLength(0);
      expect(read.data.every((value) => value === 0 || (value >= low - 0.01 && value <= high + 0.01))).toBe(
        true,
      );
    },
  );
});
