import { fail } from '../base/errors.js';
import type { PatientEvaluation } from './evaluate-patient.js';
import type { FeatureExtractor } from './feature-extractor.js';
import type { FusedRow } from './fuse-patient.js';
import type { EvaluationReport } from './report-schema.js';
import { summarise } from './summarise.js';
import { summariseFeatures } from './summarise-features.js';
import { summariseFused } from './summarise-fused.js';

/** How patients were evaluated, as far as the report says it. */
interface EvaluatedTask {
  readonly modalities: readonly string[];
  readonly every: number;
  readonly ringWidthMm: number;
  readonly extractor?: Pick<FeatureExtractor, 'description'>;
}

/**
 * The report of evaluated patients.
 *
 * @throws UtadError bad-value when there is no figure.
 */
export function summariseEvaluation(
  evaluations: readonly Pick<PatientEvaluation, 'rows' | 'side' | 'features'>[],
  { modalities, every, ringWidthMm, extractor }: EvaluatedTask,
  fusedRows?: readonly FusedRow[],
): EvaluationReport {
  const rows = evaluations.flatMap((one) => one.rows);
  if (rows.length === 0) {
    fail('bad-value', {
      where: 'evaluation',
      expected: `patients with at least two of ${modalities.join(', ')}`,
      got: 'none',
    });
  }
  const features = evaluations.flatMap((one) => one.features ?? []);
  return summarise({
    modalities,
    rows,
    sliceSide: evaluations[0]!.side,
    every,
    ringWidthMm,
    ...(extractor ? { baseChannels: summariseFeatures(extractor.description, modalities, features) } : {}),
    ...(fusedRows ? { fusedRows, fused: summariseFused(fusedRows, rows) } : {}),
  });
}
