import { createRandom } from '../base/random.js';
import { bootstrapMean } from '../metrics/bootstrap.js';
import type { Comparison, PatientScores } from './evaluation-report.js';
import { definitionsFor } from './evaluation-report.js';
import type { FusedRow } from './fuse-patient.js';
import { measureNames, type RegionName, regionNames } from './measures.js';
import type {
  EvaluationReport,
  FeatureReport,
  FusedScores,
  Intervals,
  PatientInterval,
} from './report-schema.js';
import { meanRegions, type RegionScores, type Scores } from './score.js';
import { meanSegmentation } from './tumour-agreement.js';

/** What a report is made of. */
export interface SummaryParts {
  /** In the order of the report. */
  readonly modalities: readonly string[];
  readonly rows: readonly PatientScores[];
  readonly sliceSide: number;
  readonly every: number;
  readonly ringWidthMm: number;
  readonly features?: FeatureReport;
  readonly fused?: readonly FusedScores[];
  readonly fusedRows?: readonly FusedRow[];
}

/** Means and intervals over patients: of every direction, and over the directions. */
export function summarise(parts: SummaryParts): EvaluationReport {
  const { modalities, rows, sliceSide, every, ringWidthMm, features, fused, fusedRows } = parts;
  const directions = modalities.flatMap((source) =>
    modalities.flatMap((target) => {
      const own = rows.filter((row) => row.source === source && row.target === target);
      if (own.length === 0) return [];
      return [
        {
          source,
          target,
          patients: own.length,
          tumourPatients: own.filter(({ tumour }) => tumour).length,
          ...meanComparison(own),
          intervals: comparisonIntervals(own, `${source} ${target}`),
          segmentation: meanSegmentation(own.flatMap(({ segmentation }) => segmentation ?? [])),
        },
      ];
    }),
  );
  const patientMeans = [...new Set(rows.map(({ patient }) => patient))].map((patient) => {
    const own = rows.filter((row) => row.patient === patient);
    return { patient, directions: own.length, ...meanComparison(own) };
  });
  const overall = comparisonIntervals(patientMeans, 'overall');
  const { brain, tumour } = overall.translation;
  return {
    directions,
    mean: meanComparison(directions),
    intervals: {
      brainSsim: brain.ssim!,
      brainMae: brain.mae!,
      tumourSsim: tumour.ssim,
      tumourMae: tumour.mae,
    },
    overall,
    patientMeans,
    patients: [...rows],
    features: features ?? null,
    fused: fused ? [...fused] : null,
    fusedPatients: fusedRows ? fusedRows.map((row) => ({ ...row, sources: [...row.sources] })) : null,
    sliceSide,
    every,
    ringWidthMm,
    definitions: { ...definitionsFor(every, ringWidthMm) },
  };
}

/** Means of translation and trivial answers; those of the matched source only where all have it. */
export function meanComparison(all: readonly Comparison[]): Comparison {
  return {
    ...meanRegions(all)!,
    copy: meanRegions(all.map(({ copy }) => copy))!,
    // A mean over some only would not be comparable with the others.
    matched: all.every(({ matched }) => matched) ? meanRegions(all.map(({ matched }) => matched!)) : null,
  };
}

/** Intervals of the translation and of its paired differences; one comparison a patient. */
function comparisonIntervals(own: readonly Comparison[], key: string) {
  const matched = own.every((one) => one.matched);
  return {
    translation: intervalsOf(own, `${key} translation`),
    minusCopy: intervalsOf(own, `${key} copy`, ({ copy }) => copy),
    minusMatched: matched ? intervalsOf(own, `${key} matched`, (one) => one.matched!) : null,
  };
}

/**
 * Bootstrap intervals over patients of every region and measure.
 *
 * @param key decides the draws
 * @param less what is taken off, of the same patient
 */
export function intervalsOf<One extends RegionScores>(
  patients: readonly One[],
  key: string,
  less?: (one: One) => RegionScores,
): Intervals {
  const interval = (region: RegionName, measure: keyof Scores): PatientInterval | null => {
    const values = patients.flatMap((one): number[] => {
      const value = one[region]?.[measure] ?? null;
      if (!less) return value === null ? [] : [value];
      const other = less(one)[region]?.[measure] ?? null;
      return value === null || other === null ? [] : [value - other];
    });
    if (values.length === 0) return null;
    const random = createRandom(0, 'evaluation', key, region, measure);
    return { ...bootstrapMean(values, random), patients: values.length };
  };
  return Object.fromEntries(
    regionNames.map((region) => [
      region,
      Object.fromEntries(measureNames.map((measure) => [measure, interval(region, measure)])),
    ]),
  ) as Intervals;
}
