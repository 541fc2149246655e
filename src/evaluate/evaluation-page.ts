import { directionName } from '../report/by-direction.js';
import { definitions, figure, folded, htmlPage, paragraph, type Section } from '../report/html-page.js';
import { stripChart } from '../report/strip-chart.js';
import { htmlTable } from '../report/table.js';
import { baselineNames, type PredictionName, predictionHead } from './baselines.js';
import {
  directionTable,
  featureTable,
  fusedTable,
  headline,
  measureTable,
  patientTable,
  segmentationTable,
} from './evaluation-tables.js';
import { type MeasureName, measures } from './measures.js';
import { directionPictures } from './page-pictures.js';
import type { PatientPictures } from './patient-pictures.js';
import type { RegionName } from './regions.js';
import type { EvaluationReport } from './report-schema.js';
import { worthTable } from './worth-tables.js';

/** What the page says besides the figures. */
export interface EvaluationPage {
  readonly report: EvaluationReport;
  readonly pictures: readonly PatientPictures[];
  /** One sentence: which model, which patients, why these. */
  readonly lead: string;
  readonly warnings: readonly string[];
}

/** The page of an evaluation: pictures and figures of all directions beside the baselines. */
export function evaluationPage(page: EvaluationPage): string {
  return htmlPage({
    title: 'Translation between modalities',
    lead: page.lead,
    sections: evaluationSections(page),
  });
}

/** The parts of {@link evaluationPage}, for pages that say more. */
export function evaluationSections({ report, pictures, warnings }: Omit<EvaluationPage, 'lead'>): Section[] {
  const { baseChannels: features, fused } = report;
  const regionTables = (['tumour', 'ring'] as const).map((region) =>
    folded(`In the ${region}`, [htmlTable(directionTable(report, region))], region === 'tumour'),
  );
  return [
    ...(warnings.length > 0 ? [{ heading: 'Take care', content: warnings.map(paragraph) }] : []),
    { content: [directionPictures(report, pictures)] },
    { heading: 'In short', content: [htmlTable(worthTable(report)), headline(report)] },
    { heading: 'By direction', content: [htmlTable(directionTable(report, 'brain')), ...regionTables] },
    ...(fused && fused.length > 0
      ? [
          {
            heading: 'From several sources',
            content: [
              paragraph(
                'In the brain: fused, and its paired differences to the best single source, which is chosen with these patients in view, and to the plain mean of the translations. A patient’s weights are learnt without it, unless a warning above says otherwise. Last column: correlation of the fused image’s error with the spread of the translations.',
              ),
              htmlTable(fusedTable(fused)),
            ],
          },
        ]
      : []),
    ...segmentationSection(report),
    { heading: 'Every patient', content: distributions(report) },
    { heading: 'Every measure', content: [htmlTable(measureTable(report))] },
    ...(features
      ? [
          {
            heading: 'Distances of features',
            content: [
              paragraph(
                `Extractor: ${features.extractor.name}, SHA-256 ${features.extractor.sha256}. ${features.extractor.caution}`,
              ),
              htmlTable(featureTable(features)),
            ],
          },
        ]
      : []),
    {
      heading: 'Patients',
      content: [
        folded(
          `${report.patientMeans.length} patients`,
          [htmlTable(patientTable(report))],
          report.patientMeans.length <= 12,
        ),
      ],
    },
    {
      heading: 'What the numbers mean',
      content: [
        definitions({
          ...report.definitions,
          ...(features
            ? {
                'features, input': features.extractor.input,
                features: features.extractor.features,
                layers: features.extractor.layers,
              }
            : {}),
        }),
      ],
    },
  ];
}

/** One dot a patient, direction by direction, the translation beside the baselines. */
function distributions(report: EvaluationReport) {
  const shown: readonly (readonly [RegionName, MeasureName])[] = [
    ['brain', 'correlation'],
    ['brain', 'fittedMae'],
    ['brain', 'contrast'],
    ['brain', 'mae'],
    ['tumour', 'tumourContrast'],
    ['tumour', 'mae'],
    ['ring', 'mae'],
  ];
  const series: PredictionName[] = [
    'translation',
    ...baselineNames.filter((name) => report.mean[name] !== null),
  ];
  return shown.flatMap(([region, measure]) => {
    const groups = report.directions.map((direction) => {
      const own = report.patients.filter(
        ({ source, target }) => source === direction.source && target === direction.target,
      );
      const values = series.map((name) =>
        own.map((row) => (name === 'translation' ? row : row[name])?.[region]?.[measure] ?? Number.NaN),
      );
      return { name: directionName(direction), values };
    });
    if (!groups.some(({ values }) => values.flat().some(Number.isFinite))) return [];
    const { label, better } = measures[measure];
    const goal = better === 'one' ? '1 is right' : `${better} is better`;
    const title = `${label} in the ${region}, ${goal}`;
    return [
      figure(
        stripChart(groups, { title, series: series.map(predictionHead), yLabel: label }),
        title,
        `${title}. Dots: patients; line: median; box: quartiles.`,
      ),
    ];
  });
}

function segmentationSection(report: EvaluationReport): Section[] {
  const found = segmentationTable(report);
  return found === null
    ? []
    : [{ heading: 'What a segmentation network finds', content: [htmlTable(found)] }];
}
