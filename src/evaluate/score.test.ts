import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { gradientSimilarity } from '../metrics/gradient-similarity.js';
import { multiScaleSsim } from '../metrics/multi-scale-ssim.js';
import { normalisedMutualInformation } from '../metrics/mutual-information.js';
import { normalisedSquaredError } from '../metrics/normalised-squared-error.js';
import { ssim } from '../metrics/ssim.js';
import { halveMask } from './pool-inside.js';
import { createScorer } from './score.js';

const side = 176;
const area = side * side;
const random = createRandom(4, 'score');
const truth = Float32Array.from({ length: 2 * area }, (_, i) => 0.5 + 0.4 * Math.sin(i / 9));
const answer = truth.map((value) => Math.min(1, Math.max(0, value + 0.2 * (random.uniform() - 0.5))));
const brain = Uint8Array.from(truth, (_, i) => (i % side > 20 ? 1 : 0));
/** 30×20 pixels in the first slice: too few for mutual information. */
const tumour = Uint8Array.from(truth, (_, i) => {
  const [row, column] = [Math.floor(i / side), i % side];
  return row >= 40 && row < 70 && column >= 50 && column < 70 ? 1 : 0;
});
/** The two slices of a volume, where they are scored. */
const slicesOf = (masks: { brain: Uint8Array; tumour?: Uint8Array }) => ({
  grid: { slices: 2, rows: side, columns: side, spacingMm: { slices: 5, rows: 1, columns: 1 } },
  places: [0, 1],
  masks,
  brain: masks.brain,
});
const { volume, slices } = createScorer(slicesOf({ brain, tumour }))(answer, truth);
const first = [answer.subarray(0, area), truth.subarray(0, area)] as const;
const second = [answer.subarray(area), truth.subarray(area)] as const;

describe('createScorer', () => {
  it('takes means over whole slices of what has a window', () => {
    const mean = (of: (a: Float32Array, b: Float32Array) => number): number =>
      (of(...first) + of(...second)) / 2;
    const { ssim: found, msSsim, gmsm, gmsd, ssimUniform } = volume.brain;
    expect(found).toBeCloseTo(
      mean((a, b) => ssim(a, b, side, side, { valueRange: 1 })),
      12,
    );
    expect(msSsim).toBeCloseTo(
      mean((a, b) => multiScaleSsim(a, b, side, side, 1)),
      12,
    );
    expect(gmsm).toBeCloseTo(
      mean((a, b) => gradientSimilarity(a, b, side, side, 1).mean),
      12,
    );
    expect(gmsd).toBeCloseTo(
      mean((a, b) => gradientSimilarity(a, b, side, side, 1).deviation),
      12,
    );
    expect(ssimUniform).toBeNull();
    expect(slices[0]!.brain.msSsim).toBe(multiScaleSsim(...first, side, side, 1));
  });

  it('pools the others over the pixels of all slices', () => {
    expect(volume.brain.nmse).toBeCloseTo(normalisedSquaredError(answer, truth, brain), 12);
    expect(volume.brain.nmi).toBeCloseTo(normalisedMutualInformation(answer, truth, 32, brain), 12);
  });

  it('has for a region the mean and deviation of the maps there, and nothing from too few pixels', () => {
    const { map } = gradientSimilarity(...first, side, side, 1);
    const inside = [...map].filter((_, i) => {
      const [row, column] = [Math.floor(i / 88), i % 88];
      return row >= 20 && row < 35 && column >= 25 && column < 35;
    });
    const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
    const variance = inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (inside.length - 1);
    expect(volume.tumour!.gmsm).toBeCloseTo(mean, 12);
    expect(volume.tumour!.gmsd).toBeCloseTo(Math.sqrt(variance), 12);
    expect(volume.tumour).toMatchObject({ nmi: null, msSsim: null });
    expect(slices.map((one) => one!.tumour === null)).toEqual([false, true]);
    expect(slices[0]!.tumour).toEqual(volume.tumour);
    expect(volume.ring).toBeNull();
  });

  it('says nothing where an image or a region has nothing to say', () => {
    const black = new Float32Array(2 * area);
    const { brain: scores } = createScorer(slicesOf({ brain }))(black, black).volume;
    expect(scores).toMatchObject({ ssim: 1, psnr: 100, mae: 0, nmse: null, nmi: null, gmsd: 0 });
  });

  it('refuses slices without brain', () => {
    expect(() => createScorer(slicesOf({ brain: new Uint8Array(2 * area) }))).toThrow(
      'slices: expected a pixel that is brain in every modality of the patient, got none',
    );
  });
});

describe('halveMask', () => {
  it('is inside where two of four pixels are, odd edges included', () => {
    const mask = Uint8Array.from([1, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...halveMask(mask, { rows: 3, columns: 3 })]).toEqual([1, 0, 1, 0]);
  });
});
