import { textTable } from '../terminal/text-table.js';
import type { EvaluationReport, FusedScores } from './report-schema.js';

/** The figures of every direction, beside both trivial answers, for the terminal. */
export function evaluationSummary(report: EvaluationReport): string {
  const head = ['direction', 'SSIM', 'copy', 'matched', 'MAE', 'copy', 'matched', 'tumour SSIM', 'MAE'];
  const number = (value: number | undefined): string => value?.toFixed(3) ?? '–';
  const rows = [
    ...report.directions.map((one) => ({ name: `${one.source} → ${one.target}`, ...one })),
    { name: 'mean', ...report.mean },
  ].map(({ name, brain, tumour, copy, matched }) => [
    name,
    number(brain.ssim),
    number(copy.brain.ssim),
    number(matched?.brain.ssim),
    number(brain.mae),
    number(copy.brain.mae),
    number(matched?.brain.mae),
    number(tumour?.ssim),
    number(tumour?.mae),
  ]);
  return textTable(head, rows);
}

/** The figures of fused sources, beside the best of them alone, for the terminal. */
export function fusedSummary(fused: readonly FusedScores[]): string {
  const head = [
    'sources → target',
    'SSIM',
    'best single',
    'mean',
    'MAE',
    'best single',
    'mean',
    'spread and error',
  ];
  const rows = fused.map(({ sources, target, best, brain, single, mean, spreadErrorCorrelation }) => [
    `${sources.join(' + ')} → ${target}`,
    brain.ssim.toFixed(3),
    `${best} ${single.brain.ssim.toFixed(3)}`,
    mean.brain.ssim.toFixed(3),
    brain.mae.toFixed(3),
    single.brain.mae.toFixed(3),
    mean.brain.mae.toFixed(3),
    spreadErrorCorrelation?.toFixed(2) ?? '–',
  ]);
  return textTable(head, rows);
}
