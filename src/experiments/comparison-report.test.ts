import { expect, it } from 'vitest';
import type { PatientScores } from '../evaluate/evaluation-report.js';
import type { Scores } from '../evaluate/score.js';
import type { MethodName } from './compare-methods.js';
import { comparisonPage } from './comparison-page.js';
import { comparisonRows, type MethodResult } from './comparison-report.js';

const modalities = ['a', 'b', 'c'];
const directions = modalities.flatMap((source) =>
  modalities.filter((target) => target !== source).map((target) => ({ source, target })),
);

const scores = (ssim: number): Scores => ({
  correlation: ssim,
  fittedMae: 1 - ssim,
  contrast: null,
  detail: null,
  tumourContrast: null,
  haarPsi: null,
  fittedPsnr: 20 * ssim,
  brightnessLoss: 0,
  volumeSsim: null,
  volumePsnr: null,
  ssim,
  psnr: 20 * ssim,
  mae: 1 - ssim,
  nmse: null,
  nmi: null,
  gmsm: null,
  gmsd: null,
  msSsim: null,
  ssimUniform: null,
});

/** A network whose SSIM is `base` and a little more for each patient; the last patient has no tumour. */
function result(method: MethodName, base: number, seed = 1, known = directions): MethodResult {
  const patients = ['p1', 'p2', 'p3'].flatMap((patient, i): PatientScores[] =>
    known.map((direction) => {
      const own = scores(base + 0.01 * i);
      const regions = { brain: own, tumour: i === 2 ? null : scores(base - 0.2), ring: null };
      return {
        patient,
        ...direction,
        slices: 4,
        tumourPixels: 9,
        ...regions,
        constant: { brain: scores(0.2), tumour: null, ring: null },
        truthMean: { brain: scores(0.25), tumour: null, ring: null },
        copy: { brain: scores(0.3), tumour: null, ring: null },
        histogramMatched: { brain: scores(0.4), tumour: null, ring: null },
        regression: null,
        segmentation: null,
      };
    }),
  );
  return { method, seed, device: 'cpu', iterations: 10, seconds: 2, parameters: 5, patients };
}

const pairOnly = directions.filter(({ source, target }) => source !== 'c' && target !== 'c');
const rows = comparisonRows(
  [
    result('student', 0.6),
    result('single', 0.5),
    result('single', 0.54, 2),
    result('cyclegan', 0.7, 1, pairOnly),
  ],
  ['a', 'b'],
);
const row = (name: string) => rows.find((one) => one.row === name)!;

it('puts the baselines first, then the networks in their order', () => {
  expect(rows.map((one) => one.row)).toEqual([
    'constant',
    'truthMean',
    'copy',
    'histogramMatched',
    'single',
    'cyclegan',
    'student',
  ]);
  expect(row('copy').all!.brain.ssim!.mean).toBeCloseTo(0.3, 10);
  expect(row('histogramMatched').all!.brain.ssim!.lessStudent!.mean).toBeCloseTo(0.4 - 0.61, 10);
});

it('takes means over seeds patient by patient, then over patients, with paired differences', () => {
  const { brain, tumour } = row('single').all!;
  expect(brain.ssim).toMatchObject({ patients: 3 });
  expect(brain.ssim!.mean).toBeCloseTo(0.53, 10);
  expect(brain.ssim!.seeds.map((value) => value.toFixed(2))).toEqual(['0.51', '0.55']);
  expect(brain.ssim!.low).toBeGreaterThanOrEqual(0.52);
  // The same for every patient: nothing is left to chance.
  expect(brain.ssim!.lessStudent).toMatchObject({
    mean: expect.closeTo(-0.08, 10),
    low: expect.closeTo(-0.08, 10),
  });
  expect(brain.mae!.lessStudent!.mean).toBeCloseTo(0.08, 10);
  // The patient without tumour is left out.
  expect(tumour.ssim).toMatchObject({ patients: 2, mean: expect.closeTo(0.32, 10) });
  expect(row('student').all!.brain.ssim!.lessStudent).toBeNull();
  expect(row('single')).toMatchObject({ seeds: [1, 2], seconds: 4, iterations: 10 });
});

it('evaluates a network of one pair in its own directions only', () => {
  expect(row('cyclegan').all).toBeNull();
  expect(row('cyclegan').directions.map(({ source, target }) => `${source}${target}`)).toEqual(['ab', 'ba']);
  expect(row('cyclegan').pair.brain.ssim!.lessStudent!.mean).toBeCloseTo(0.1, 10);
  expect(row('student').directions).toHaveLength(6);
});

it('says nothing of differences where there is no student', () => {
  const copy = comparisonRows([result('single', 0.5)], ['a', 'b']).find((one) => one.row === 'copy');
  expect(copy!.all!.brain.ssim).toMatchObject({ mean: expect.closeTo(0.3, 10), lessStudent: null });
});

it('shows all of it on one page that needs nothing else', () => {
  const page = comparisonPage({
    rows,
    pair: ['a', 'b'],
    lead: 'Three patients.',
    warnings: ['Few patients.'],
    settings: { device: 'cpu' },
    pictures: [],
  });
  expect(page).toContain('<th scope="row">CycleGAN</th>');
  expect(page).toContain('a → b and back');
  expect(page).toMatch(/−0\.080 <small>−0\.080…−0\.080<\/small>/);
  expect(page).toContain('Few patients.');
  expect(page).not.toMatch(/src="http|href="http|<script/);
});
