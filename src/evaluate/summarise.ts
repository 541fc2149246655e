import { fromNames } from '../base/from-names.js';
import { createRandom } from '../base/random.js';
import { byDirection } from '../report/by-direction.js';
import { type Estimate, estimate, minus, type ValueOf } from '../report/estimate.js';
import { meanSegmentation } from '../survival/segmentation-scores.js';
import { type BaselineName, baselineNames, type OfBaselines, ofDifferences } from './baselines.js';
import type { Comparison, PatientScores } from './evaluation-report.js';
import { type ComparisonSettings, definitionsFor } from './evaluation-report.js';
import type { FusedRow } from './fuse-patient.js';
import { type MeasureName, measureNames } from './measures.js';
import { type RegionName, regionNames } from './regions.js';
import type { EvaluationReport, FeatureReport, FusedScores, Intervals } from './report-schema.js';
import { meanRegions, type RegionScores } from './score.js';

/** What a report is summarised from. */
interface SummaryParts extends ComparisonSettings {
  /** In the order of the report. */
  readonly modalities: readonly string[];
  readonly rows: readonly PatientScores[];
  readonly sliceSide: number | null;
  readonly givenMask: boolean;
  readonly regression: EvaluationReport['regression'];
  readonly baseChannels?: FeatureReport;
  readonly fused?: readonly FusedScores[];
  readonly fusedRows?: readonly FusedRow[];
}

/** Means and intervals over patients: of every direction, and over the directions. */
export function summarise(parts: SummaryParts): EvaluationReport {
  const { modalities, rows, sliceSide, baseChannels: features, fused, fusedRows } = parts;
  const { every, ringWidthMm, grid, protocol, givenMask, regression } = parts;
  const directions = byDirection(modalities, rows).map(({ source, target, rows: own }) => ({
    source,
    target,
    patients: own.length,
    tumourPatients: own.filter(({ tumour }) => tumour).length,
    ...meanComparison(own),
    intervals: comparisonIntervals(own, `${source} ${target}`),
    segmentation: meanSegmentation(own.flatMap(({ segmentation }) => segmentation ?? [])),
  }));
  const patientMeans = [...new Set(rows.map(({ patient }) => patient))].map((patient) => {
    const own = rows.filter((row) => row.patient === patient);
    return { patient, directions: own.length, ...meanComparison(own) };
  });
  return {
    directions,
    mean: meanComparison(directions),
    overall: comparisonIntervals(patientMeans, 'overall'),
    patientMeans,
    patients: [...rows],
    baseChannels: features ?? null,
    fused: fused ? [...fused] : null,
    fusedPatients: fusedRows ? fusedRows.map((row) => ({ ...row, sources: [...row.sources] })) : null,
    grid,
    protocol,
    givenMask,
    regression,
    sliceSide,
    every,
    ringWidthMm,
    definitions: { ...definitionsFor(parts) },
  };
}

/** Means of the translation and of the baselines; of a baseline only where all have it. */
function meanComparison(all: readonly Comparison[]): Comparison {
  const ofBaseline = (name: BaselineName): RegionScores | null => {
    const known = all.flatMap((one) => one[name] ?? []);
    // A mean over some only would not be comparable with the others.
    return known.length < all.length ? null : meanRegions(known);
  };
  return {
    ...meanRegions(all)!,
    ...(fromNames(baselineNames, ofBaseline) as OfBaselines<RegionScores>),
  };
}

/** Intervals of the translation and of its paired differences; one comparison a patient. */
function comparisonIntervals(own: readonly Comparison[], key: string): EvaluationReport['overall'] {
  const differences = ofDifferences((name) =>
    own.every((one) => one[name] !== null) ? intervalsOf(own, `${key} ${name}`, (one) => one[name]!) : null,
  );
  return {
    translation: intervalsOf(own, `${key} translation`),
    ...(differences as Omit<EvaluationReport['overall'], 'translation'>),
  };
}

/**
 * Bootstrap intervals over patients of every region and measure.
 *
 * @param key decides the draws
 * @param reference what is subtracted, of the same patient
 */
export function intervalsOf<One extends RegionScores>(
  patients: readonly One[],
  key: string,
  reference?: (one: One) => RegionScores,
): Intervals {
  const interval = (region: RegionName, measure: MeasureName): Estimate | null => {
    const own: ValueOf<One> = (one) => one[region]?.[measure] ?? null;
    const value = reference ? minus(own, (one) => reference(one)[region]?.[measure] ?? null) : own;
    return estimate(patients, value, createRandom(0, 'evaluation', key, region, measure));
  };
  return fromNames(regionNames, (region) => fromNames(measureNames, (measure) => interval(region, measure)));
}
