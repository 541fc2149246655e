import { writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { defaultRingWidthMm } from '../evaluate/evaluation-defaults.js';
import { definitionsFor } from '../evaluate/evaluation-report.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { comparisonPictures } from './compare-pictures.js';
import { type ComparisonPlan, comparePaths } from './compare-plan.js';
import type { FinishedMethod } from './compare-result.js';
import { comparisonTable } from './compare-table.js';
import { oursByDefault } from './compare-trainings.js';
import { comparisonPage } from './comparison-page.js';
import { comparisonRows } from './comparison-report.js';

/**
 * Writes report.json, report.txt and report.html.
 *
 * @returns the table of report.txt
 * @throws UtadError io.
 */
export async function writeComparison(
  out: string,
  plan: ComparisonPlan,
  dataSet: string,
  finished: readonly FinishedMethod[],
): Promise<string> {
  const { settings, methods, pair, seeds, test } = plan;
  const { modalities, iterations, batchSize } = settings.base;
  const pairNames = [modalities[pair.first]!, modalities[pair.second]!] as const;
  const results = finished.map(({ result }) => result);
  const rows = comparisonRows(results, pairNames);
  const about = aboutOf(plan, dataSet, [...new Set(results.map(({ device }) => device))]);
  const lead =
    `${methods.length} networks, ${iterations} batches of ${batchSize} slices each, ` +
    `${test.length} judged patients, ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`}.`;
  const warnings = [
    ...(test.length < 10
      ? [`With ${test.length} patients the intervals are wide, and still too narrow.`]
      : []),
    ...(seeds.length === 1
      ? ['One seed: another start of the same networks would give other figures; intervals do not show it.']
      : []),
  ];
  const definitions = definitionsFor(plan.every, defaultRingWidthMm);
  const report = { format: 1, about, warnings, pair: pairNames, definitions, rows, results };
  const text = comparisonTable(rows, pairNames);
  const pictures = comparisonPictures(finished);
  await writeJson(comparePaths.report(out), report);
  await writeFileAtomic(comparePaths.table(out), `${text}\n`);
  await writeFileAtomic(
    comparePaths.page(out),
    comparisonPage({ rows, pair: pairNames, lead, warnings, settings: about, pictures }),
  );
  return text;
}

/** What was the same for all rows. */
function aboutOf(
  { settings, seeds, train, test }: ComparisonPlan,
  dataSet: string,
  devices: readonly string[],
): Readonly<Record<string, string>> {
  const { iterations, batchSize, sliceSide, features, paired } = settings.base;
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
