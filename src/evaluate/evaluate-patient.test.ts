import { describe, expect, it } from 'vitest';
import { evaluatePatients } from '../../test/fixtures/evaluate-patients.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { PreparedVolume } from '../imaging/prepare.js';
import { quantileTable } from '../metrics/quantiles.js';
import type { TumourFinder } from '../survival/find-tumour.js';
import type { PatientEvaluation } from './evaluate-patient.js';
import { reportCsv, sliceHead, sliceLines } from './report-csv.js';
import { evaluationReportSchema } from './report-schema.js';

const side = 16;
const count = 6;
const names = ['a', 'b', 'c'];

/** As much of a preparation's record as an evaluation looks at: voxels of 2×2×3 mm. */
const axis = (spacingMm: number) => ({ slice: { spacingMm } });
const record = { steps: [{}, {}, { rows: axis(2), columns: axis(2), slices: axis(3) }] };

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
      return [name, { slices, brain, count, side, record } as unknown as PreparedVolume];
    }),
  );
  return { id, count, side, modalities, tumour };
}

const tables = Object.fromEntries(names.map((name) => [name, quantileTable(Float32Array.of(0, 0.5, 1))]));
const copy = async (slices: Float32Array) => slices;

describe('evaluatePatient', () => {
  it('scores a perfect translator perfectly in all ordered pairs, identity left out', async () => {
    const report = await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true }), patient('qq', { tumour: true })],
      trainingQuantiles: tables,
      every: 1,
      translate: async (slices, source, target, one) => {
        expect(slices).toEqual(one.modalities[names[source]!]!.slices);
        return one.modalities[names[target]!]!.slices;
      },
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
      expect(one.brain.correlation).toBeCloseTo(1, 9);
      expect(one.brain.contrast).toBeCloseTo(1, 9);
      expect(one.brain.detail).toBeCloseTo(1, 9);
      expect(one.brain.fittedMae).toBeLessThan(1e-6);
      expect(one.constant.brain).toMatchObject({ correlation: 0, contrast: 0 });
      expect(one.truthMean.brain.correlation).toBe(0);
      expect(one.truthMean.brain.psnr).toBeCloseTo(one.truthMean.brain.fittedPsnr, 3);
      expect(one.regression).toBeNull();
      expect(one.copy.brain.mae).toBeGreaterThan(0.1);
      expect(one.histogramMatched?.brain.mae).toBeGreaterThan(0.1);
    }
    expect(report.patients).toHaveLength(12);
    expect(report.patients[0]).toMatchObject({ slices: 5, tumourPixels: 12 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('gives a translator that copies the scores of the copy', async () => {
    const report = await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true })],
      translate: copy,
      every: 2,
    });
    for (const one of report.directions) {
      expect(one.brain).toEqual(one.copy.brain);
      expect(one.tumour).toEqual(one.copy.tumour);
      expect(one.histogramMatched).toBeNull();
    }
    expect(report.patients[0]!.slices).toBe(3);
  });

  it('computes MAE over the brain and over the tumour by hand', async () => {
    const one = patient('p', { tumour: true });
    const report = await evaluatePatients({
      modalities: names,
      patients: [one],
      translate: copy,
      every: 1,
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
    const report = await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true }), patient('qq', { tumour: false, names: ['a', 'b'] })],
      translate: copy,
      every: 1,
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
    expect(head).toBe('patient,source,target,prediction,region,measure,value');
    for (const line of lines) expect(line.split(',')).toHaveLength(7);
    expect(lines.filter((line) => line.startsWith('qq,') && !line.includes(',brain,'))).toEqual([]);
    expect(lines).toContain(`p,a,b,translation,tumour,mae,${Number(row!.tumour!.mae.toPrecision(7))}`);
  });

  it('evaluates nothing outside the brain of the source', async () => {
    const report = await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true })],
      translate: async (slices) => slices.map((value) => (value === -1 ? 0.7 : value)),
      every: 1,
    });
    expect(report.mean.brain).toEqual(report.mean.copy.brain);
  });

  it('refuses no patients, a translator of another size and a step of 0', async () => {
    const some = [patient('p', { tumour: true })];
    const evaluate = (changes: object) =>
      evaluatePatients({ modalities: names, patients: some, translate: copy, ...changes });
    await expect(evaluate({ patients: [] })).rejects.toThrow(
      'expected patients with at least two of a, b, c, got none',
    );
    await expect(evaluate({ translate: async () => new Float32Array(3) })).rejects.toThrow(
      'translation: expected',
    );
    await expect(evaluate({ every: 0 })).rejects.toThrow('slice step: expected a whole number from 1, got 0');
  });

  it('measures in the ring around the tumour, of the width asked for', async () => {
    const evaluate = (ringWidthMm: number) =>
      evaluatePatients({
        modalities: names,
        patients: [patient('p', { tumour: true })],
        translate: copy,
        every: 1,
        ringWidthMm,
      });
    const one = patient('p', { tumour: true });
    const [a, b] = [one.modalities['a']!, one.modalities['b']!];
    // 2 mm: the four neighbours in the slice; the next slices are 3 mm away.
    const errors = [...a.slices].flatMap((value, i) => {
      const around = [i - 1, i + 1, i - side, i + side].some((j) => one.tumour![j]);
      return around && !one.tumour![i] && a.brain[i] ? [Math.abs(value - b.slices[i]!) / 2] : [];
    });
    const wanted = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    const narrow = (await evaluate(2)).directions[0]!.ring!.mae;
    expect(Math.abs(narrow - wanted)).toBeLessThan(1e-7);
    expect((await evaluate(3)).directions[0]!.ring!.mae).not.toBe(narrow);
  });

  it('has paired intervals over patients, which hold 0 for a translator that copies', async () => {
    const report = await evaluatePatients({
      modalities: names,
      patients: ['p', 'qq', 'rrr'].map((id) => patient(id, { tumour: id !== 'qq' })),
      translate: copy,
      trainingQuantiles: tables,
      every: 1,
    });
    for (const { intervals } of report.directions) {
      expect(intervals.minusCopy.brain.ssim).toEqual({ mean: 0, low: 0, high: 0, patients: 3 });
      expect(intervals.minusCopy.tumour.mae?.patients).toBe(2);
      const { mean, low, high } = intervals.translation.brain.mae!;
      expect(low).toBeLessThan(mean);
      expect(high).toBeGreaterThan(mean);
    }
    const [first] = report.directions;
    const gain = first!.brain.mae - first!.histogramMatched!.brain.mae;
    expect(first!.intervals.minusHistogramMatched!.brain.mae!.mean).toBeCloseTo(gain, 12);
    expect(report.patientMeans.map(({ patient: id, directions }) => [id, directions])).toEqual([
      ['p', 6],
      ['qq', 6],
      ['rrr', 6],
    ]);
    expect(report.overall.translation.brain.ssim!.patients).toBe(3);
  });

  it('has a report that its schema takes', async () => {
    const report = await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true }), patient('qq', { tumour: false })],
      translate: copy,
      trainingQuantiles: tables,
      extraMeasures: ['ssimUniform'],
    });
    expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const { brain } = report.directions[0]!;
    expect(brain.ssimUniform).not.toBeNull();
    expect(brain.ssimUniform).not.toBe(brain.ssim);
    expect(brain.msSsim).toBeNull();
    expect(() => evaluationReportSchema.parse({ ...report, directions: [{}] })).toThrow();
  });

  it('tells every slice for itself', async () => {
    const seen: PatientEvaluation[] = [];
    await evaluatePatients({
      modalities: names,
      patients: [patient('p', { tumour: true })],
      translate: copy,
      every: 1,
      onPatient: (one) => seen.push(one),
    });
    const [{ slices, rows }] = seen as [PatientEvaluation];
    const own = slices.filter(
      ({ source, target, prediction }) => source + target + prediction === 'abtranslation',
    );
    expect(own.map(({ slice }) => slice)).toEqual([1, 2, 3, 4, 5]);
    // Every slice has the same brain, so that the mean over slices is the mean over the volume.
    const mean = own.reduce((sum, { brain }) => sum + brain.mae, 0) / own.length;
    expect(mean).toBeCloseTo(rows[0]!.brain.mae, 12);
    expect(own.map(({ tumour }) => tumour !== null)).toEqual([false, true, false, false, false]);
    expect(own[1]!.tumour!.mae).toBeCloseTo(rows[0]!.tumour!.mae, 12);
    const columns = sliceHead().trimEnd().split(',').length;
    for (const line of sliceLines(own).trimEnd().split('\n')) expect(line.split(',')).toHaveLength(columns);
  });

  it('asks a segmentation network about the whole translation and about the truth', async () => {
    const asked: string[] = [];
    /** Finds the tumour, one row less of it on images that are not real. */
    const segmenter = (one: PreparedPatient): TumourFinder => ({
      metadata: { model: { regions: ['whole'] } } as unknown as TumourFinder['metadata'],
      segment: async (images) => {
        const [[target, image]] = Object.entries(images) as [[string, Float32Array]];
        const real = one.modalities[target]!.slices;
        const isReal = image.every((value, i) => Math.abs(value - real[i]!) < 1e-6);
        asked.push(`${target} ${isReal}`);
        expect(image).toHaveLength(count * side * side);
        return [
          Float32Array.from(one.tumour!, (value, i) =>
            isReal || Math.floor(i / side) % side > 6 ? value : 0,
          ),
        ];
      },
    });
    const one = patient('p', { tumour: true, names: ['a', 'b'] });
    const report = await evaluatePatients({
      modalities: names,
      patients: [one],
      translate: async (slices, source, target) => {
        expect([source, target].sort()).toEqual([0, 1]);
        return slices;
      },
      segmenter: segmenter(one),
      every: 4,
    });
    expect(asked).toEqual(['b true', 'b false', 'a true', 'a false']);
    const { segmentation } = report.directions[0]!;
    // 12 voxels of 2×2×3 mm, of which 8 are found on the translation.
    expect(segmentation!.onTruth).toEqual({
      dice: 1,
      hausdorff95Mm: 0,
      volumeMl: 0.144,
      volumeDifferenceMl: 0,
      centroidDistanceMm: 0,
    });
    expect(segmentation!.onTranslation.dice).toBeCloseTo(16 / 20, 12);
    expect(segmentation!.onTranslation.volumeDifferenceMl).toBeCloseTo(-0.048, 12);
    expect(segmentation!.onTranslation.centroidDistanceMm).toBeCloseTo(1, 12);
    expect(segmentation!.between).toEqual(segmentation!.onTranslation);
    expect(segmentation!.regionDice['whole']).toBeCloseTo(16 / 20, 12);
    expect(reportCsv(report)).toContain('p,a,b,segmented onTranslation,tumour,dice,0.8');
  });

  it('translates from all other modalities together, and scores the volume with its background', async () => {
    const one = patient('p', { tumour: true });
    const report = await evaluatePatients({
      modalities: names,
      patients: [one],
      protocol: 'all-but-one',
      translate: copy,
      extraMeasures: ['volumeSsim', 'volumePsnr'],
      trainingQuantiles: tables,
      every: 1,
    });
    expect(report.directions.map(({ source, target }) => `${source} > ${target}`)).toEqual([
      'b + c > a',
      'a + c > b',
      'a + b > c',
    ]);
    // A translator that copies, fused by the plain mean, is the mean of the sources.
    for (const { brain, copy: mean } of report.directions) expect(brain).toEqual(mean.brain);
    const [b, c, a] = ['b', 'c', 'a'].map((name) => one.modalities[name]!.slices);
    const squares = a!.reduce((sum, value, i) => sum + ((b![i]! + c![i]!) / 4 - value / 2) ** 2, 0);
    expect(report.directions[0]!.brain.volumePsnr).toBeCloseTo(10 * Math.log10(a!.length / squares), 4);
    // Six slices are fewer than the window has.
    expect(report.mean.brain.volumeSsim).toBeNull();
    expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(reportCsv(report)).toContain('p,b + c,a,constant,brain,correlation,0');
  });

  it('tells an inverted tumour by the sign of its contrast', async () => {
    const one = patient('p', { tumour: true });
    const flat = (inTumour: number) =>
      Float32Array.from(one.tumour!, (inside, i) =>
        one.modalities['a']!.brain[i] ? (inside ? inTumour : 0.1) : -1,
      );
    const withTumours = {
      ...one,
      modalities: {
        a: { ...one.modalities['a']!, slices: flat(0.9) },
        b: { ...one.modalities['b']!, slices: flat(-0.3) },
      },
    };
    const seen: PatientEvaluation[] = [];
    const report = await evaluatePatients({
      modalities: names,
      patients: [withTumours],
      translate: copy,
      every: 1,
      onPatient: (one) => seen.push(one),
    });
    const [ab, ba] = report.directions;
    expect(ab!.tumour!.tumourContrast).toBeCloseTo(0.8 / -0.4, 5);
    expect(ba!.tumour!.tumourContrast).toBeCloseTo(-0.4 / 0.8, 5);
    expect(ab!.brain.tumourContrast).toBeNull();
    // The slice with most tumour and the middle one; without the gain and offset, the background is still black.
    const [{ pictures }] = seen as [PatientEvaluation];
    expect([pictures.slice, pictures.middle!.slice]).toEqual([2, 3]);
    const { image, fitted } = pictures.translated[0]!;
    expect(image.some((value) => value > 0)).toBe(true);
    expect(
      fitted.every((value, i) => value > 0 === (withTumours.modalities.a.brain[2 * side * side + i] === 1)),
    ).toBe(true);
    expect(ab!.brain.correlation).toBeCloseTo(-1, 5);
    // No gain below 0: an inverted image is worth no more than a constant.
    expect(ab!.brain.fittedMae).toBeCloseTo(ab!.truthMean.brain.mae, 5);
  });

  it('refuses a patient whose modalities share no brain', async () => {
    const one = patient('p', { tumour: true });
    const apart = { ...one.modalities['b']!, brain: one.modalities['b']!.brain.map((value) => 1 - value) };
    const patients = [{ ...one, modalities: { ...one.modalities, b: apart } }];
    await expect(
      evaluatePatients({ modalities: names, patients, translate: copy, every: 1 }),
    ).rejects.toThrow('p: no voxel is brain in every modality');
  });
});
