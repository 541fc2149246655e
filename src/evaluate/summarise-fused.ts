import { meanKnown } from '../report/estimate.js';
import type { PatientScores } from './evaluation-report.js';
import type { FusedRow } from './fuse-patient.js';
import type { FusedScores } from './report-schema.js';
import { meanRegions, type RegionScores } from './score.js';
import { intervalsOf } from './summarise.js';

/**
 * Means and intervals of fused translations, beside the plain mean and the best single source of each set.
 *
 * The best single source is the one with the highest mean SSIM over these very patients: chosen with hindsight, it is
 * harder to beat than the one that a person would have chosen.
 *
 * @param rows of all patients
 * @param singles of all patients
 */
export function summariseFused(
  rows: readonly FusedRow[],
  singles: readonly PatientScores[],
): readonly FusedScores[] {
  const sets = new Map<string, FusedRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.target, row.sources]);
    sets.set(key, [...(sets.get(key) ?? []), row]);
  }
  return [...sets.values()].map((own) => {
    const { target, sources } = own[0]!;
    const single = (patient: string, source: string): RegionScores =>
      singles.find((one) => one.patient === patient && one.source === source && one.target === target)!;
    const meanOfSource = (source: string): number =>
      own.reduce((sum, { patient }) => sum + single(patient, source).brain.ssim, 0) / own.length;
    const best = sources.reduce((a, b) => (meanOfSource(b) > meanOfSource(a) ? b : a));
    const key = `${sources.join('+')} ${target}`;
    return {
      target,
      sources: [...sources],
      patients: own.length,
      best,
      ...meanRegions(own)!,
      mean: meanRegions(own.map((row) => row.mean))!,
      single: meanRegions(own.map(({ patient }) => single(patient, best)))!,
      intervals: {
        fused: intervalsOf(own, `${key} fused`),
        minusBest: intervalsOf(own, `${key} best`, ({ patient }) => single(patient, best)),
        minusMean: intervalsOf(own, `${key} mean`, (row) => row.mean),
      },
      spreadErrorCorrelation: meanKnown(own.map((row) => row.spreadErrorCorrelation)),
    };
  });
}
