import type { MaskAgreement } from '../metrics/mask-agreement.js';
import { csvLine } from '../report/csv.js';
import type { SegmentationScores } from '../survival/segmentation-scores.js';
import { type PredictionName, predictionHead, predictionNames } from './baselines.js';
import type { SliceScores } from './evaluate-patient.js';
import type { PatientScores } from './evaluation-report.js';
import { measureNames } from './measures.js';
import { regionNames } from './regions.js';
import type { EvaluationReport } from './report-schema.js';
import type { RegionScores } from './score.js';

/**
 * A report as comma-separated text in the long form that statistics programs like: one figure a line, with patient,
 * source, target, prediction, region and measure beside it. What has no figure has no line.
 */
export function reportCsv(report: EvaluationReport): string {
  const lines: string[] = [
    csvLine(['patient', 'source', 'target', 'prediction', 'region', 'measure', 'value']),
  ];
  for (const row of report.patients) {
    for (const name of predictionNames)
      lines.push(
        ...scoreLines([row.patient, row.source, row.target, predictionHead(name)], scoresOf(row, name)),
      );
    for (const [found, agreement] of entriesOf(row.segmentation)) {
      for (const [measure, value] of Object.entries(agreement)) {
        if (value === null) continue;
        const name = `segmented ${found}`;
        lines.push(csvLine([row.patient, row.source, row.target, name, 'tumour', measure, value]));
      }
    }
  }
  for (const row of report.fusedPatients ?? []) {
    const sources = row.sources.join(' + ');
    lines.push(...scoreLines([row.patient, sources, row.target, 'fused'], row));
    lines.push(...scoreLines([row.patient, sources, row.target, 'fused mean'], row.mean));
  }
  return `${lines.join('\n')}\n`;
}

function entriesOf(segmentation: SegmentationScores | null): [string, MaskAgreement][] {
  return segmentation === null ? [] : Object.entries(segmentation);
}

function scoresOf(row: PatientScores, name: PredictionName): RegionScores | null {
  return name === 'translation' ? row : row[name];
}

/** One line a region and measure. */
function scoreLines(start: readonly string[], scores: RegionScores | null): string[] {
  return regionNames.flatMap((region) =>
    measureNames.flatMap((measure) => {
      const value = scores?.[region]?.[measure] ?? null;
      return value === null ? [] : [csvLine([...start, region, measure, value])];
    }),
  );
}

/** The columns of {@link sliceLines}. */
export function sliceHead(): string {
  return `${csvLine(['patient', 'source', 'target', 'prediction', 'region', 'slice', ...measureNames])}\n`;
}

/** One line a slice, prediction and region, a column each measure; empty where it has no figure. */
export function sliceLines(slices: readonly SliceScores[]): string {
  const lines = slices.flatMap((row) =>
    regionNames.flatMap((region) => {
      const scores = row[region];
      if (scores === null) return [];
      const values = measureNames.map((measure) => {
        const value = scores[measure];
        return value === null ? '' : value;
      });
      return [
        csvLine([
          row.patient,
          row.source,
          row.target,
          predictionHead(row.prediction),
          region,
          String(row.slice),
          ...values,
        ]),
      ];
    }),
  );
  return lines.map((line) => `${line}\n`).join('');
}
