import { fromNames } from '../base/from-names.js';
import type { FeatureMatrix } from '../metrics/feature-matrix.js';
import { frechetDistance } from '../metrics/frechet-distance.js';
import { kernelDistance } from '../metrics/kernel-distance.js';
import { byDirection } from '../report/by-direction.js';
import { type PredictionName, predictionNames } from './baselines.js';
import type { DirectionFeatures, PatientFeatures } from './patient-features.js';
import type { ExtractorDescription, FeatureDistances, FeatureReport } from './report-schema.js';

/**
 * Distances between all real and all predicted slices of each direction.
 *
 * @param modalities in the order of the report
 */
export function summariseFeatures(
  extractor: ExtractorDescription,
  modalities: readonly string[],
  patients: readonly PatientFeatures[],
): FeatureReport {
  const rows = patients.flatMap((patient) => patient.directions.map((own): Row => ({ ...own, patient })));
  return { extractor, directions: byDirection(modalities, rows).map(directionDistances) };
}

interface Row extends DirectionFeatures {
  readonly patient: PatientFeatures;
}

function directionDistances({
  source,
  target,
  rows,
}: {
  readonly source: string;
  readonly target: string;
  readonly rows: readonly Row[];
}): FeatureReport['directions'][number] {
  const slices = rows.reduce((sum, { patient }) => sum + patient.slices, 0);
  const { dimensions } = rows[0]!.patient;
  const joined = (part: (row: Row) => Float32Array): FeatureMatrix => {
    const data = new Float32Array(slices * dimensions);
    let at = 0;
    for (const row of rows) {
      data.set(part(row), at);
      at += part(row).length;
    }
    return { data, samples: slices, dimensions };
  };
  const truth = joined(({ patient }) => patient.real[target]!);
  const distances = (name: PredictionName): FeatureDistances | null => {
    if (rows.some(({ features }) => features[name] === null)) return null;
    const predicted = joined(({ features }) => features[name]!);
    const each = rows.map(({ perceptual, patient }) => ({ value: perceptual[name], weight: patient.slices }));
    return {
      frechet: slices < 2 ? null : frechetDistance(truth, predicted),
      kernel: slices < 2 ? null : kernelDistance(truth, predicted),
      perceptual: each.some(({ value }) => value === null)
        ? null
        : each.reduce((sum, { value, weight }) => sum + value! * weight, 0) / slices,
    };
  };
  return { source, target, slices, ...(fromNames(predictionNames, distances) as DirectionDistances) };
}

type DirectionDistances = Pick<FeatureReport['directions'][number], PredictionName>;
