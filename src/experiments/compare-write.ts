import { defaultRingWidthMm } from '../evaluate/evaluation-defaults.js';
import { definitionsFor } from '../evaluate/evaluation-report.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { plainTable, type Table } from '../report/table.js';
import { comparisonPictures } from './compare-pictures.js';
import type { ComparisonPlan } from './compare-plan.js';
import type { FinishedMethod } from './compare-result.js';
import { oursByDefault } from './compare-trainings.js';
import { comparisonPage } from './comparison-page.js';
import { comparisonRows } from './comparison-report.js';
import { figuresTable, overAllDirections, overPair } from './comparison-tables.js';
import type { ExperimentFolder } from './experiment-folder.js';

/**
 * Writes report.json, report.txt and report.html.
 *
 * @returns the tables of report.txt
 * @throws UtadError io.
 */
export async function writeComparison(
  experiment: ExperimentFolder,
  plan: ComparisonPlan,
  dataSet: string,
  finished: readonly FinishedMethod[],
): Promise<readonly Table[]> {
  const { settings, methods, pair, seeds, test } = plan;
  const {
    model: { modalities },
    schedule: { iterations, batchSize },
  } = settings.base;
  const pairNames = [modalities[pair.first]!, modalities[pair.second]!] as const;
  const results = finished.map(({ result }) => result);
  const rows = comparisonRows(results, pairNames);
  const about = aboutOf(plan, dataSet, [...new Set(results.map(({ device }) => device))]);
  const lead =
    `${methods.length} networks, ${iterations} batches of ${batchSize} slices each, ` +
    `${test.length} test patients, ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`}.`;
  const warnings = [
    ...(test.length < 10
      ? [`With ${test.length} patients the intervals are wide, and still too narrow.`]
      : []),
    ...(seeds.length === 1
      ? ['One seed: another start of the same networks would give other figures; intervals do not show it.']
      : []),
  ];
  const definitions = definitionsFor({
    every: plan.every,
    ringWidthMm: defaultRingWidthMm,
    grid: 'model',
    protocol: 'each',
  });
  const report = { format: 1, about, warnings, pair: pairNames, definitions, rows, results };
  const tables = [
    figuresTable('all directions', overAllDirections(rows)),
    figuresTable(`${pairNames[0]} → ${pairNames[1]} and back`, overPair(rows)),
  ];
  const pictures = comparisonPictures(finished);
  await experiment.write({
    'report.json': report,
    'report.txt': `${tables.map((table) => plainTable(table)).join('\n\n')}\n`,
    'report.html': comparisonPage({ rows, pair: pairNames, lead, warnings, settings: about, pictures }),
  });
  return tables;
}

/** What was the same for all rows. */
function aboutOf(
  { settings, seeds, train, test }: ComparisonPlan,
  dataSet: string,
  devices: readonly string[],
): Readonly<Record<string, string>> {
  const {
    schedule: { iterations, batchSize },
    model: { sliceSide, baseChannels: features },
    data: { paired },
  } = settings.base;
  return {
    'data set': dataSet,
    'learnt from': `${train.length} patients, ${paired ? 'all their modalities' : 'one modality each'}`,
    judged: `${test.length} patients: ${test.map(({ id }) => id).join(', ')}; the last state of each network, none is chosen by them`,
    budget: `${iterations} batches of ${batchSize} slices of ${sliceSide}×${sliceSide} a row, teacher included`,
    width: `${features} features`,
    schedule:
      settings.schedule === 'common'
        ? 'rates, update frequency, averaging and variations of slices are the same for all rows'
        : 'rates, update frequency and averaging of each publication',
    ours: JSON.stringify({ ...oursByDefault, ...settings.ours }),
    seeds: seeds.join(', '),
    device: devices.join(', '),
    code: `utad-net ${packageVersion()}`,
  };
}
