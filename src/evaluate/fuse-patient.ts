import { pearsonCorrelation } from '../metrics/linear-fit.js';
import { type FusionTable, fuseTranslations } from '../translate/fusion.js';
import type { ComparedPatient } from './compared-patient.js';
import { type PatientTask, scorerOf } from './evaluate-patient.js';
import { sourceSets } from './fusion-moments.js';
import { type FusedPicture, pictureOf } from './patient-pictures.js';
import { patientSlices } from './patient-slices.js';
import type { RegionScores } from './score.js';
import { squareSlices } from './square-slices.js';

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
 * scores the result and the plain mean as `evaluatePatient` scores single translations.
 *
 * @param tables weights; a set of sources without any is left out
 */
export async function fusePatient(
  patient: ComparedPatient,
  task: PatientTask,
  tables: readonly FusionTable[],
): Promise<FusedPatient> {
  const cut = patientSlices(patient, task.every, task.ringWidthMm);
  const score = scorerOf(patient, cut, task.extraMeasures);
  const show = pictureOf(
    squareSlices(patient.grid),
    cut.shown.tumour ?? cut.shown.middle,
    cut.chosen.evaluated.length,
  );
  const rows: FusedRow[] = [];
  const pictures: FusedPicture[] = [];
  for (const target of cut.present) {
    const others = cut.present.filter((name) => name !== target);
    const translations: Record<string, Float32Array> = {};
    for (const source of others) {
      translations[source] = await task.translate([source], target);
      task.onDirection?.(source, target);
    }
    const truth = patient.modalities[target]!.unit;
    const realSlices = cut.real[target]!;
    for (const sources of sourceSets(others)) {
      const table = tables.find((one) => one.target === target && one.sources.join() === sources.join());
      if (!table) continue;
      const images = sources.map((name) => translations[name]!);
      const covered = sources.map((name) => patient.modalities[name]!.brain);
      const { fused, spread } = fuseTranslations(images, covered, table.weights);
      const plain = fuseTranslations(images, covered, null).fused;
      const [shown, apart] = [cut.evaluated(fused), cut.evaluated(spread)];
      const error = shown.map((value, i) => Math.abs(value - realSlices[i]!));
      rows.push({
        patient: patient.id,
        target,
        sources,
        ...score(fused, truth).volume,
        mean: score(plain, truth).volume,
        spreadErrorCorrelation: pearsonCorrelation(apart, error, cut.masks.brain),
      });
      if (sources.length === others.length)
        pictures.push({
          target,
          sources,
          fused: show(shown, 255),
          spread: show(apart, 255 / largestShownSpread),
        });
    }
  }
  return { rows, pictures };
}
