import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyMetadata } from '../../test/fixtures/tiny-model.js';
import type { CaseFiles } from '../datasets/case.js';
import { findCases } from '../datasets/find-cases.node.js';
import { defaultRecipe } from '../imaging/recipe.js';
import { type SegmenterMetadata, segmenterFormatVersion } from '../segmentation/segmenter-metadata.js';
import { type CheckTools, checkPatient } from './check-patient.js';
import { checkReport } from './check-report.js';

let folder: string;
let patient: CaseFiles;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-check-'));
  const modalities = ['t1', 't2', 'flair'];
  await writeBallPatient(folder, 'p1', { modalities, centre: [9, 13, 5.5], radius: 3.5 });
  patient = (await findCases(folder)).cases[0]!;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const metadata = tinyMetadata();
const segmenterMetadata: SegmenterMetadata = {
  formatVersion: segmenterFormatVersion,
  model: {
    modalities: metadata.model.modalities,
    regions: ['whole'],
    sliceSide: 32,
    baseChannels: 1,
    levels: 1,
  },
  recipe: defaultRecipe(32),
  labels: { whole: 1 },
  labelConvention: 'numbered',
  training: {
    iterations: 1,
    trainingCases: [],
    validationCases: [],
    dataFingerprint: '',
    modalityDropout: 0.5,
    validation: null,
  },
  codeVersion: '0',
  created: '2026-01-02T03:04:05.000Z',
};

/** Finds what is bright, which is the tumour. */
const segmenter: CheckTools['segmenter'] = {
  metadata: segmenterMetadata,
  segment: async (slices) => [Object.values(slices)[0]!.map((value) => (value > 0 ? 1 : 0))],
};
const model = (change: (value: number, index: number) => number): CheckTools['model'] => ({
  metadata,
  translateSlices: async (slices) => slices.map(change),
});

describe('a patient’s check', () => {
  it('finds nothing wrong with translations that are their sources', async () => {
    const rows = await checkPatient(patient, { model: model((value) => value), segmenter });
    expect(rows.map(({ source, target }) => `${source} ${target}`).sort()).toEqual([
      'flair t1',
      'flair t2',
      't1 flair',
      't1 t2',
      't2 flair',
      't2 t1',
    ]);
    for (const { change, cycle, contrastBefore, contrastAfter, detectedDice } of rows) {
      expect(change.flags).toEqual([]);
      expect(change.wasDetected).toBe(true);
      expect(change.dice).toBeGreaterThan(0.8);
      expect(detectedDice).toBeGreaterThan(0.6);
      expect(cycle.mean).toBe(0);
      expect(Math.abs(contrastBefore! - contrastAfter!)).toBeLessThan(0.05);
    }
  });

  it('flags a tumour that a translation darkens away, and says that its contrast is gone', async () => {
    // All but the healthy brain, which lies below −0.55, goes to its texture.
    const erased = model((value, i) => (value > -0.55 ? -0.9 + 0.1 * (i % 2) : value));
    // Finds what stands out of the brain, however it is scaled; its texture does so by 1.4 deviations at most.
    const strict: CheckTools['segmenter'] = {
      ...segmenter,
      segment: async (slices) => {
        const values = Object.values(slices)[0]!;
        const inside = values.filter((value) => value > -1);
        const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
        const deviation = Math.sqrt(
          inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length,
        );
        return [values.map((value) => (value > mean + 2 * deviation ? 1 : 0))];
      },
    };
    const rows = await checkPatient(patient, { model: erased, segmenter: strict });
    for (const { contrastBefore, contrastAfter } of rows)
      expect(contrastAfter!).toBeLessThan(contrastBefore! - 0.2);
    const report = checkReport(metadata.model.modalities, rows);
    expect(report.directions.reduce((sum, { flags }) => sum + flags.vanished, 0)).toBeGreaterThan(3);
    expect(report.directions.every(({ flaggedBetweenScans }) => flaggedBetweenScans === 0)).toBe(true);
  });

  it('ranks voxels by cycle error and by spread as by true error where they are the same', async () => {
    // Into t2 everything goes wrong by a pattern, and comes back wrong by the same; other directions are right.
    const wrong: CheckTools['model'] = {
      metadata,
      translateSlices: async (slices, _, target) =>
        slices.map((value, i) => (value > -1 && target === 2 ? value + ((i * 7919) % 100) / 60 : value)),
    };
    const rows = await checkPatient(patient, { model: wrong, segmenter });
    const into = rows.filter(({ target }) => target === 't2');
    for (const { cycleRank } of into) expect(cycleRank).toBeGreaterThan(0.5);
  });
});
