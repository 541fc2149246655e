import { describe, expect, it } from 'vitest';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { PreparedVolume } from '../imaging/prepare.js';
import { quantileTable } from '../metrics/quantiles.js';
import { evaluateDirections } from './evaluate-directions.js';
import { reportCsv } from './report-csv.js';

const side = 16;
const count = 6;
const names = ['a', 'b', 'c'];

/** A disc of brain in slices 1 … K − 1; each modality is another function of place. */
function patient(id: string, options: { tumour: boolean; names?: readonly string[] }): PreparedPatient {
  const brain = new Uint8Array(count * side * side);
  const tumour = new Uint8Array(brain.length);
  for (let i = 0; i < brain.length; i++) {
    const k = Math.floor(i / side ** 2);
    const [y, x] = [Math.floor(i / side) % side, i % side];
    if (k > 0 && (y - 7.5) ** 2 + (x - 7.5) ** 2 < 36) brain[i] = 1;
    if (options.tumour && k === 2 && y >= 6 && y < 9 && x >= 6 && x < 10) tumour[i] = 1;
  }
  const modalities = Object.fromEntries(
    (options.names ?? names).map((name) => {
      const phase = names.indexOf(name) + id.length;
      const slices = Float32Array.from(brain, (inside, i) =>
        inside ? Math.sin(i / (3 + phase) + phase) : -1,
      );
      return [name, { slices, brain, count, side } as unknown as PreparedVolume];
    }),
  );
  return { id, count, side, modalities, tumour };
}

const tables = Object.fromEntries(names.map((name) => [name, quantileTable(Float32Array.of(0, 0.5, 1))]));
const copy = async (slices: Float32Array) => slices;

describe('evaluateDirections', () => {
  it('scores a perfect translator perfectly in all ordered pairs, identity left out', async () => {
    const report = await evaluateDirections({
      modalities: names,
      patients: [patient('p', { tumour: true }), patient('qq', { tumour: true })],
      trainingQuantiles: tables,
      sliceStep: 1,
      translate: async (_slices, _source, target, one) =>
        one.modalities[names[target]!]!.slices.slice(side * side),
    });
    expect(report.directions.map(({ source, target }) => source + target)).toEqual([
      'ab',
      'ac',
      'ba',
      'bc',
      'ca',
      'cb',
    ]);
    for (const one of [...report.directions, report.mean]) {
      expect(one.brain.ssim).toBeCloseTo(1, 12);
      expect(one.brain.psnr).toBe(100);
      expect(one.tumour).toMatchObject({ mae: 0, psnr: 100 });
      expect(one.copy.brain.mae).toBeGreaterThan(0.1);
      expect(one.matched?.brain.mae).toBeGreaterThan(0.1);
    }
    expect(report.patients).toHaveLength(12);
    expect(report.patients[0]).toMatchObject({ slices: 5, tumourPixels: 12 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('gives a translator that copies the scores of the copy', async () => {
    const report = await evaluateDirections({
      modalities: names,
      patients: [patient('p', { tumour: true })],
      translate: copy,
      sliceStep: 2,
    });
    for (const one of report.directions) {
      expect(one.brain).toEqual(one.copy.brain);
      expect(one.tumour).toEqual(one.copy.tumour);
      expect(one.matched).toBeNull();
    }
    expect(report.patients[0]!.slices).toBe(3);
  });

  it('computes MAE over the brain and over the tumour by hand', async () => {
    const one = patient('p', { tumour: true });
    const report = await evaluateDirections({
      modalities: names,
      patients: [one],
      translate: copy,
      sliceStep: 1,
    });
    const [a, b] = [one.modalities['a']!, one.modalities['b']!];
    const over = (mask: Uint8Array): number => {
      const errors = [...a.slices].flatMap((value, i) =>
        mask[i] ? [Math.abs(value - b.slices[i]!) / 2] : [],
      );
      return errors.reduce((sum, value) => sum + value, 0) / errors.length;
    };
    const [first] = report.directions;
    expect(Math.abs(first!.brain.mae - over(a.brain))).toBeLessThan(1e-7);
    expect(Math.abs(first!.tumour!.mae - over(one.tumour!))).toBeLessThan(1e-7);
  });

  it('leaves patients without tumour out of the means in the tumour, and missing modalities out altogether', async () => {
    const report = await evaluateDirections({
      modalities: names,
      patients: [patient('p', { tumour: true }), patient('qq', { tumour: false, names: ['a', 'b'] })],
      translate: copy,
      sliceStep: 1,
    });
    const [ab, ac] = report.directions;
    expect(ab).toMatchObject({ source: 'a', target: 'b', patients: 2, tumourPatients: 1 });
    expect(ac).toMatchObject({ source: 'a', target: 'c', patients: 1 });
    const row = report.patients.find(({ patient: id, target }) => id === 'p' && target === 'b');
    expect(ab!.tumour).toEqual(row!.tumour);
    expect(report.patients.filter(({ patient: id }) => id === 'qq').map(({ tumour }) => tumour)).toEqual([
      null,
      null,
    ]);
    const [head, ...lines] = reportCsv(report).trimEnd().split('\n');
    expect(lines).toHaveLength(8);
    for (const line of lines) expect(line.split(',')).toHaveLength(head!.split(',').length);
  });

  it('judges nothing outside the brain of the source', async () => {
    const report = await evaluateDirections({
      modalities: names,
      patients: [patient('p', { tumour: true })],
      translate: async (slices) => slices.map((value) => (value === -1 ? 0.7 : value)),
      sliceStep: 1,
    });
    expect(report.mean.brain).toEqual(report.mean.copy.brain);
  });

  it('refuses nobody to judge, a translator of another size and a step of 0', async () => {
    const some = [patient('p', { tumour: true })];
    const evaluate = (changes: object) =>
      evaluateDirections({ modalities: names, patients: some, translate: copy, ...changes });
    await expect(evaluate({ patients: [] })).rejects.toThrow(
      'expected patients with at least two of a, b, c, got none',
    );
    await expect(evaluate({ translate: async () => new Float32Array(3) })).rejects.toThrow(
      'translation: expected',
    );
    await expect(evaluate({ sliceStep: 0 })).rejects.toThrow(
      'slice step: expected a whole number from 1, got 0',
    );
  });
});
