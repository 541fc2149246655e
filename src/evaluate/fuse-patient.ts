import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { type FusionTable, fuseTranslations } from '../translate/fusion.js';
import { type PatientTask, translateEvaluated } from './evaluate-patient.js';
import { sourceSets } from './fusion-moments.js';
import type { FusedPicture } from './patient-pictures.js';
import { patientSlices } from './patient-slices.js';
import { createScorer, type RegionScores } from './score.js';

/** One patient's translations of a target from a set of sources, fused. */
export type FusedRow = RegionScores & {
  readonly patient: string;
  readonly target: string;
  readonly sources: readonly string[];
  /** The plain mean of the translations. */
  readonly mean: RegionScores;
  /** Pearson, over the brain's pixels; null where one of them is constant. */
  readonly spreadErrorCorrelation: number | null;
};

/** What 255 means in a picture of the spread. */
export const largestShownSpread = 0.25;

/** What fusing a patient's translations gave. */
export interface FusedPatient {
  readonly rows: readonly FusedRow[];
  readonly pictures: readonly FusedPicture[];
}

/**
 * Translates a patient's every modality from each other one, fuses these for every set of two sources or more, and
 * scores the result and the plain mean as {@link evaluatePatient} scores single translations.
 *
 * @param tables weights; a set of sources without any is left out
 */
export async function fusePatient(
  patient: PreparedPatient,
  task: PatientTask,
  tables: readonly FusionTable[],
): Promise<FusedPatient> {
  const cut = patientSlices(patient, task.modalities, task.every, task.ringWidthMm);
  const score = createScorer(patient.side, cut.masks, task.extraMeasures);
  const rows: FusedRow[] = [];
  const pictures: FusedPicture[] = [];
  for (const target of cut.present) {
    const others = cut.present.filter((name) => name !== target);
    const translations: Record<string, Float32Array> = {};
    for (const source of others) {
      translations[source] = await translateEvaluated(patient, task, cut, source, target);
      task.onDirection?.(source, target);
    }
    const truth = cut.real[target]!;
    for (const sources of sourceSets(others)) {
      const table = tables.find((one) => one.target === target && one.sources.join() === sources.join());
      if (!table) continue;
      const images = sources.map((name) => translations[name]!);
      const covered = sources.map((name) => cut.brain[name]!);
      const { fused, spread } = fuseTranslations(images, covered, table.weights);
      const plain = fuseTranslations(images, covered, null).fused;
      rows.push({
        patient: patient.id,
        target,
        sources,
        ...score(fused, truth).volume,
        mean: score(plain, truth).volume,
        spreadErrorCorrelation: correlation(spread, errorOf(fused, truth), cut.masks.brain),
      });
      if (sources.length === others.length)
        pictures.push({
          target,
          sources,
          fused: cut.show(fused, 255),
          spread: cut.show(spread, 255 / largestShownSpread),
        });
    }
  }
  return { rows, pictures };
}

function errorOf(answer: Float32Array, truth: Float32Array): Float32Array {
  return answer.map((value, i) => Math.abs(value - truth[i]!));
}

/** Pearson correlation inside a mask; null where a side is constant. */
function correlation(a: Float32Array, b: Float32Array, mask: Uint8Array): number | null {
  let [n, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!mask[i]) continue;
    n++;
    sumA += a[i]!;
    sumB += b[i]!;
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!mask[i]) continue;
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}
