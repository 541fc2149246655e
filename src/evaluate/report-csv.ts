import type { EvaluationReport } from './evaluation-report.js';
import type { RegionScores } from './score.js';

const measures = ['ssim', 'psnr', 'mae'] as const;
const regions = ['brain', 'tumour'] as const;
const answers = ['translated', 'copy', 'matched'] as const;

/** The rows of a report as comma-separated text: one a patient and direction, empty where there is no value. */
export function reportCsv(report: EvaluationReport): string {
  const head = [
    'patient',
    'source',
    'target',
    'slices',
    'tumour_pixels',
    ...answers.flatMap((answer) =>
      regions.flatMap((region) => measures.map((one) => `${answer}_${region}_${one}`)),
    ),
  ];
  const lines = report.patients.map((row) => {
    const scores: Record<(typeof answers)[number], RegionScores | null> = {
      translated: row,
      copy: row.copy,
      matched: row.matched,
    };
    return [
      quoted(row.patient),
      quoted(row.source),
      quoted(row.target),
      row.slices,
      row.tumourPixels,
      ...answers.flatMap((answer) =>
        regions.flatMap((region) => measures.map((one) => scores[answer]?.[region]?.[one].toFixed(6) ?? '')),
      ),
    ].join(',');
  });
  return `${[head.join(','), ...lines].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
