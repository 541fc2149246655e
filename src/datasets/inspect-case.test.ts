import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { brainOf } from '../imaging/normalise.js';
import type { Volume } from '../imaging/volume.js';
import { findCases } from './find-cases.node.js';
import { inspectDataSet } from './inspect-data-set.node.js';
import { intensityWarnings } from './inspection.js';

const modalities = ['t1', 't2'];
const head = smoothHead([30, 30, 10], [8, 8, 14]);
const brain = (change: (value: number, index: number) => number): Volume => ({
  ...head,
  data: head.data.map((value, index) => (value === 0 ? 0 : change(value, index))),
});
const labels = (label: (index: number) => number): Volume => brain((_, index) => label(index));

let folder: string;
const writes: [string, Volume][] = [
  ['good/g_t1', brain((v) => v)],
  ['good/g_t2', brain((v) => 1000 - v)],
  ['good/g_seg', labels((i) => [1, 2, 4, 0][i % 16] ?? 0)],
  ['bare/b_t1', brain((v) => v + 1)],
  ['cut/c_t1', brain((v) => v + 2)],
  ['cut/c_t2', brain((v, i) => (i % 30 < 15 ? 0 : v + 3))],
  ['cut/c_seg', labels(() => 0)],
  ['dup/d_t1', brain((v) => v)],
  ['dup/d_t2', brain((v) => Math.min(v, 600))],
  ['dup/d_seg', labels((i) => (i % 6 < 2 ? 3 + (i % 2) : 0))],
  ['grid/e_t1', brain((v) => v + 5)],
  ['grid/e_t2', smoothHead([30, 30, 10], [8, 8, 15])],
  ['grid/e_seg', labels((i) => (i % 4 === 1 ? 7 : 0))],
  ['skull/f_t1', { ...head, data: head.data.map((v, i) => v + 1 + (i % 9)) }],
  ['skull/f_t2', { ...head, data: head.data.map(() => 0) }],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-inspect-'));
  for (const [name, volume] of writes) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeVolumeFile(join(folder, `${name}.nii.gz`), volume);
  }
  await writeFile(join(folder, 'skull', 'f_seg.nii.gz'), 'nothing');
});
afterAll(() => rm(folder, { recursive: true }));

describe('inspectDataSet', () => {
  it('reports geometry, labels and every problem of a data set', async () => {
    const { cases: found, problems } = await inspectDataSet({ ...(await findCases(folder)), modalities });
    const of = (id: string) => {
      const one = found.find((inspection) => inspection.id === id)!;
      return { ...one, problems: one.problems.map(({ severity, text }) => `${severity}: ${text}`) };
    };
    expect(of('bare').problems).toEqual([
      'warning: no t2',
      'warning: no tumour mask: where it trains, it teaches nothing of tumours',
    ]);
    expect(of('cut').problems).toEqual([
      'warning: t2 is cut off: it shows 50 % of the brain that the modalities show together',
      'warning: the mask is empty',
    ]);
    expect(of('dup').problems).toEqual([
      expect.stringMatching(/^warning: bright end clipped: t2 \(\d+ voxels at 600\)$/),
    ]);
    expect(problems).toEqual([
      {
        severity: 'error',
        text: expect.stringMatching(
          /^tumour masks: .* others in grid \(0, 7 in grid\)\. Declare .*--labels/,
        ) as string,
      },
    ]);
    const good = of('good');
    expect(good.problems).toEqual(['warning: t1 is the same image as dup t1']);
    expect([good.size, good.orientation, good.labels, good.convention]).toEqual([
      [30, 30, 10],
      'LPS',
      [0, 1, 2, 4],
      undefined,
    ]);
    good.spacingMm!.forEach((mm, axis) => {
      expect(mm).toBeCloseTo([8, 8, 14][axis]!, 5);
    });
    expect(of('grid').problems).toEqual([
      expect.stringMatching(/^error: t2 lies on another grid than t1: 30×30×10 at 8×8×15 mm/),
    ]);
    expect(of('skull').problems).toEqual([
      expect.stringMatching(/^error: t1 cannot be prepared: expected a skull-stripped volume.*only 0\.0 %/),
      expect.stringMatching(/^error: t2 cannot be prepared: .*every voxel is 0/),
      expect.stringMatching(/^error: the mask cannot be read: expected a NIfTI image/),
    ]);
  });
});

describe('intensityWarnings', () => {
  it('names coarse levels and both clipped ends, and is silent on an untouched image', () => {
    expect(intensityWarnings(head.data, brainOf(head.data))).toEqual([]);
    const texts = (volume: Volume): string =>
      intensityWarnings(volume.data, brainOf(volume.data))
        .map(({ what }) => what)
        .join('; ');
    expect(texts(brain((v) => 1 + Math.round(v / 10)))).toMatch(/^as few distinct intensities as in 8 bits/);
    expect(texts(brain((v) => Math.min(v, 600)))).toBe('bright end clipped');
    expect(texts(brain((v) => Math.max(v, 400)))).toBe('dark end clipped, or part of the brain not imaged');
  });
});

describe('the same person twice', () => {
  it('is reported under two names, and is nothing unusual in two sessions', async () => {
    const t1 = { path: join(folder, 'good', 'g_t1.nii.gz') };
    const ids = ['BraTS2021_00006', 'BraTS-GLI-00006-000', 'sub-1_ses-1', 'sub-1_ses-2'];
    const cases = ids.map((id) => ({ id, modalities: { t1 } }));
    const dataSet = { ...(await findCases(folder)), modalities: ['t1'], cases };
    const { cases: found } = await inspectDataSet(dataSet, { headersOnly: true });
    const same = found.map(({ problems }) => problems.filter(({ text }) => text.includes('same patient')));
    expect(same.map((some) => some.map(({ text }) => text))).toEqual([
      [],
      ['the same patient as BraTS2021_00006, by the name'],
      [],
      [],
    ]);
  });
});
