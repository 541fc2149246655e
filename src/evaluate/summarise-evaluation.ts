import { fail } from '../base/errors.js';
import type { PatientEvaluation } from './evaluate-patient.js';
import type { ComparisonSettings } from './evaluation-report.js';
import type { FeatureExtractor } from './feature-extractor.js';
import type { FusedRow } from './fuse-patient.js';
import type { EvaluationReport } from './report-schema.js';
import { summarise } from './summarise.js';
import { summariseFeatures } from './summarise-features.js';
import { summariseFused } from './summarise-fused.js';

/** How patients were evaluated, as far as the report says it. */
interface EvaluatedTask extends ComparisonSettings {
  readonly modalities: readonly string[];
  readonly givenMask: boolean;
  readonly regression: EvaluationReport['regression'];
  readonly extractor?: Pick<FeatureExtractor, 'description'>;
}

/**
 * The report of evaluated patients.
 *
 * @throws UtadError bad-value when there is no figure.
 */
export function summariseEvaluation(
  evaluations: readonly Pick<PatientEvaluation, 'rows' | 'shape' | 'features'>[],
  { extractor, ...task }: EvaluatedTask,
  fusedRows?: readonly FusedRow[],
): EvaluationReport {
  const rows = evaluations.flatMap((one) => one.rows);
  if (rows.length === 0) {
    fail('bad-value', {
      where: 'evaluation',
      expected: `patients with at least two of ${task.modalities.join(', ')}`,
      got: 'none',
    });
  }
  const features = evaluations.flatMap((one) => one.features ?? []);
  return summarise({
    ...task,
    rows,
    sliceSide: task.grid === 'model' ? evaluations[0]!.shape[0] : null,
    ...(extractor
      ? { baseChannels: summariseFeatures(extractor.description, task.modalities, features) }
      : {}),
    ...(fusedRows ? { fusedRows, fused: summariseFused(fusedRows, rows) } : {}),
  });
}
