import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { bootstrapMean, type MeanInterval, meanOf } from '../metrics/bootstrap.js';
import { createHistogramMatcher } from '../metrics/match-histogram.js';
import { createSsim } from '../metrics/ssim.js';
import { chooseSlices, gatherSlices } from './choose-slices.js';
import {
  type Comparison,
  type DirectionScores,
  definitionsFor,
  type EvaluationReport,
  type PatientScores,
} from './evaluation-report.js';
import { meanRegions, type RegionScores, scoreSlices } from './score.js';

/** What an evaluation needs. */
export interface EvaluationTask {
  /** Names in the network's order. */
  readonly modalities: readonly string[];
  readonly patients: AsyncIterable<PreparedPatient> | Iterable<PreparedPatient>;
  /** Translates [n, S, S] slices on [−1, 1] of one modality into another; indices into `modalities`. */
  readonly translate: (
    slices: Float32Array,
    sourceIndex: number,
    targetIndex: number,
    patient: PreparedPatient,
  ) => Promise<Float32Array>;
  /** Modality name → quantile table of the training cases on [0, 1]; without it nothing is matched. */
  readonly trainingQuantiles?: Readonly<Record<string, readonly number[]>>;
  /** Judge every n-th slice; default 4. */
  readonly sliceStep?: number;
  /** Called after each patient and direction. */
  readonly onProgress?: (patient: string, source: string, target: string) => void;
  /** Called with what was judged, e.g. to draw it. All [n, S, S]; images on [0, 1]. */
  readonly onResult?: (result: JudgedSlices) => void;
}

/** The images of one patient and direction. */
export interface JudgedSlices {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  readonly side: number;
  /** Index k of each judged slice in its volume. */
  readonly sliceIndices: readonly number[];
  readonly sourceSlices: Float32Array;
  readonly translated: Float32Array;
  readonly truth: Float32Array;
  readonly tumour?: Uint8Array;
}

/**
 * Translates every patient in every direction (never a modality into itself) and measures the result, the copied
 * source and the histogram-matched source against the truth, in the whole brain and in the tumour.
 *
 * @throws UtadError bad-argument for a slice step below 1, bad-value when no patient has two of the modalities or
 * a patient has no slice with enough brain, bad-shape when `translate` answers another number of values.
 */
export async function evaluateDirections(task: EvaluationTask): Promise<EvaluationReport> {
  const every = task.sliceStep ?? 4;
  if (!Number.isInteger(every) || every < 1) {
    fail('bad-argument', { where: 'slice step', expected: 'a whole number from 1', got: String(every) });
  }
  const rows: PatientScores[] = [];
  let sliceSide = 0;
  for await (const patient of task.patients) {
    sliceSide = patient.side;
    rows.push(...(await evaluatePatient(task, patient, every)));
  }
  if (rows.length === 0) {
    fail('bad-value', {
      where: 'evaluation',
      expected: `patients with at least two of ${task.modalities.join(', ')}`,
      got: 'none',
    });
  }
  return summarise(task.modalities, rows, sliceSide, every);
}

async function evaluatePatient(
  task: EvaluationTask,
  patient: PreparedPatient,
  every: number,
): Promise<PatientScores[]> {
  const present = task.modalities.filter((name) => patient.modalities[name]);
  const area = patient.side ** 2;
  const chosen = chooseSlices(patient, every);
  if (chosen.kept.length === 0) {
    fail('bad-value', { where: patient.id, expected: 'slices with 8 % of brain or more', got: 'none' });
  }
  const positions = chosen.judged.map((k) => chosen.kept.indexOf(k));
  const keptBrain = gatherSlices(chosen.anyBrain, area, chosen.kept);
  const brain = gatherSlices(chosen.everyBrain, area, chosen.judged);
  const tumour = patient.tumour && gatherSlices(patient.tumour, area, chosen.judged);
  const tumourPixels = tumour ? tumour.reduce((sum, value) => sum + value, 0) : 0;
  const similarity = createSsim(patient.side, patient.side, { valueRange: 1 });
  const rows: PatientScores[] = [];
  for (const source of present) {
    const volume = patient.modalities[source]!;
    const slices = gatherSlices(volume.slices, area, chosen.judged);
    const sourceBrain = gatherSlices(volume.brain, area, chosen.judged);
    const copied = slices.map(toUnit);
    // Ranks are among all slices with enough brain, not only the judged ones: the distribution is the patient's.
    const matcher =
      task.trainingQuantiles &&
      createHistogramMatcher(gatherSlices(volume.slices, area, chosen.kept).map(toUnit), keptBrain);
    for (const target of present) {
      if (target === source) continue;
      const truth = gatherSlices(patient.modalities[target]!.slices, area, chosen.judged).map(toUnit);
      const [from, to] = [task.modalities.indexOf(source), task.modalities.indexOf(target)];
      const answer = await task.translate(slices, from, to, patient);
      if (answer.length !== slices.length) {
        fail('bad-shape', {
          where: 'translation',
          expected: `${slices.length} values`,
          got: `${answer.length}`,
        });
      }
      // As in the restored volume: nothing outside the source's brain, clamped inside.
      const translated = answer.map((value, i) => (sourceBrain[i] ? toUnit(value) : 0));
      const score = (image: Float32Array) => scoreSlices(similarity, image, truth, brain, tumour, area);
      const table = task.trainingQuantiles?.[target];
      rows.push({
        patient: patient.id,
        source,
        target,
        slices: chosen.judged.length,
        tumourPixels,
        ...score(translated),
        copy: score(copied),
        matched: matcher && table ? score(gatherSlices(matcher.match(table), area, positions)) : null,
      });
      task.onResult?.({
        patient: patient.id,
        source,
        target,
        side: patient.side,
        sliceIndices: chosen.judged,
        sourceSlices: copied,
        translated,
        truth,
        ...(tumour ? { tumour } : {}),
      });
      task.onProgress?.(patient.id, source, target);
    }
  }
  return rows;
}

function summarise(
  modalities: readonly string[],
  rows: readonly PatientScores[],
  sliceSide: number,
  every: number,
): EvaluationReport {
  const directions = modalities.flatMap((source) =>
    modalities.flatMap((target): DirectionScores[] => {
      const own = rows.filter((row) => row.source === source && row.target === target);
      if (own.length === 0) return [];
      const tumourPatients = own.filter(({ tumour }) => tumour).length;
      return [{ source, target, patients: own.length, tumourPatients, ...meanComparison(own) }];
    }),
  );
  const patients = [...new Set(rows.map(({ patient }) => patient))];
  const interval = (
    name: string,
    pick: (scores: RegionScores) => number | undefined,
  ): MeanInterval | null => {
    const values = patients.flatMap((patient) => {
      const own = rows.filter((row) => row.patient === patient).map(pick);
      const known = own.filter((value) => value !== undefined);
      return known.length > 0 ? [meanOf(known)] : [];
    });
    return values.length > 0 ? bootstrapMean(values, createRandom(0, 'evaluation', name)) : null;
  };
  return {
    directions,
    mean: meanComparison(directions),
    intervals: {
      brainSsim: interval('brain ssim', ({ brain }) => brain.ssim)!,
      brainMae: interval('brain mae', ({ brain }) => brain.mae)!,
      tumourSsim: interval('tumour ssim', ({ tumour }) => tumour?.ssim),
      tumourMae: interval('tumour mae', ({ tumour }) => tumour?.mae),
    },
    patients: rows,
    sliceSide,
    every,
    definitions: definitionsFor(every),
  };
}

function meanComparison(all: readonly Comparison[]): Comparison {
  return {
    ...meanRegions(all)!,
    copy: meanRegions(all.map(({ copy }) => copy))!,
    // A mean over some only would not be comparable with the others.
    matched: all.every(({ matched }) => matched) ? meanRegions(all.map(({ matched }) => matched!)) : null,
  };
}

const toUnit = (value: number): number => Math.min(1, Math.max(0, (value + 1) / 2));
