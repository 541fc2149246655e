import { directionName } from '../report/by-direction.js';
import { numberCell } from '../report/cell.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import { baselineOf, type PredictionName, predictionNames } from './baselines.js';
import { type MeasureName, measureHead, measureOf, volumeMeasures } from './measures.js';
import type { RegionName } from './regions.js';
import type { EvaluationReport } from './report-schema.js';

/** A figure of one region. */
interface Figure {
  readonly region: RegionName;
  readonly measure: MeasureName;
}

/** What no constant can have, and beside it what everybody reports; in the order of tables. */
export const leadingFigures = [
  { region: 'brain', measure: 'correlation' },
  { region: 'brain', measure: 'fittedMae' },
  { region: 'brain', measure: 'contrast' },
  { region: 'brain', measure: 'detail' },
  { region: 'tumour', measure: 'mae' },
  { region: 'tumour', measure: 'tumourContrast' },
] as const satisfies readonly Figure[];
const furtherFigures = [
  { region: 'brain', measure: 'mae' },
  { region: 'brain', measure: 'ssim' },
  { region: 'brain', measure: 'psnr' },
  { region: 'brain', measure: 'haarPsi' },
] as const satisfies readonly Figure[];

/** A figure's head: the region is said where it is not the brain. */
function figureHead({ region, measure }: Figure): string {
  const head = measureHead(measure);
  return region === 'brain' || measure === 'tumourContrast' ? head : `${region} ${head}`;
}

/** What a prediction is called; a network that was given the truth's mask, and what knows the truth, are said to be upper bounds. */
function predictionLabel(name: PredictionName, { givenMask }: Pick<EvaluationReport, 'givenMask'>): string {
  if (name !== 'translation') return baselineOf(name).label;
  return givenMask ? 'translation (upper bound: was given the true mask)' : 'translation';
}

/** The translation and every baseline, one a row, over directions: what a translation is worth beside a constant. */
export function worthTable(report: EvaluationReport): Table {
  const { mean, protocol } = report;
  const rows = predictionNames.flatMap((name) => {
    const scores = name === 'translation' ? mean : mean[name];
    return scores === null ? [] : [{ name, scores }];
  });
  const volume: readonly Figure[] =
    protocol === 'all-but-one' ? volumeMeasures.map((measure) => ({ region: 'brain', measure })) : [];
  return tableOf(
    rows,
    [
      { head: 'prediction', cell: ({ name }) => predictionLabel(name, report) },
      ...[...leadingFigures, ...furtherFigures, ...volume].map(
        ({ region, measure }): Column<(typeof rows)[number]> => ({
          head: figureHead({ region, measure }),
          cell: ({ scores }) => numberCell(measureOf(measure), scores[region]?.[measure]),
        }),
      ),
    ],
    `Means over directions. A constant has no correlation, no contrast and no detail, however small its error and high its SSIM.${
      volume.length > 0 ? ' Figures of the volume: every voxel, background included.' : ''
    }${report.regression.missing === null ? '' : ` No local regression: ${report.regression.missing}.`}`,
  );
}

/** The figures of every direction, in short: for the terminal. */
export function shortTable(report: EvaluationReport): Table {
  const rows = [
    ...report.directions.map((one) => ({ name: directionName(one), ...one })),
    { name: 'mean', ...report.mean },
  ];
  return tableOf(rows, [
    { head: 'direction', cell: ({ name }) => name },
    ...[...leadingFigures, ...furtherFigures].map(
      ({ region, measure }): Column<(typeof rows)[number]> => ({
        head: figureHead({ region, measure }),
        cell: (row) => numberCell(measureOf(measure), row[region]?.[measure]),
      }),
    ),
  ]);
}
