import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { readInput, requireWritableFolder, writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { requireOwnFolder } from '../base/protected-inputs.node.js';
import { removeLeftovers } from '../base/temporary.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { chooseCasesOf } from '../datasets/choose-cases.node.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import type { CheckedDirection } from '../evaluate/check-patient.js';
import type { CheckPatientRun } from '../evaluate/check-patient-job.js';
import { checkReport } from '../evaluate/check-report.js';
import { checkedPatientsTable, checkTable } from '../evaluate/check-tables.js';
import { checkWarnings } from '../evaluate/evaluate-warnings.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import { failuresOf, runPatientJobs } from '../jobs/patient-jobs.js';
import { csvTable } from '../report/table.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import { requireKnownModalities } from '../survival/find-tumour.js';
import { describeChange } from '../survival/tumour-change.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';
import { sayModel, withModel } from './model-choice.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';
import { warn } from './warn.js';

interface CheckCommandOptions extends DataSetFlags, ExecutorFlags {
  readonly model: string;
  readonly segmenter: string;
  readonly out: string;
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
  readonly device: string;
  readonly threads?: string;
}

async function check(folder: string, options: CheckCommandOptions, asked: string | undefined): Promise<void> {
  const own = options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  await requireOwnFolder(options.out);
  const { cases } = await resolveLabelsShown(found);
  const metadata = await readModelFileMetadata(options.model);
  const segmenter = readSegmenterMetadata(await readInput(options.segmenter), options.segmenter);
  const { modalities } = metadata.model;
  requireKnownModalities(segmenter, modalities, options.segmenter);
  const chosen = await chooseCasesOf(folder, cases, metadata.training, options);
  sayModel(asked, options.model);
  const early = checkWarnings(chosen, segmenter);
  console.error(`Checking ${chosen.reason}: ${chosen.cases.map(({ id }) => id).join(', ')}`);
  for (const warning of early) warn(warning);
  const usable = chosen.cases.filter(
    (one) => modalities.filter((name) => one.modalities[name] !== undefined).length > 1,
  );
  if (usable.length === 0)
    fail('bad-value', {
      where: folder,
      expected: `patients with two of ${modalities.join(', ')}`,
      got: 'none',
    });
  // Before networks have worked for it.
  await requireWritableFolder(options.out);
  await removeLeftovers(options.out);
  const [model, finder] = [resolve(options.model), resolve(options.segmenter)];
  const bytes = (await stat(model)).size + (await stat(finder)).size;
  const executor = await openExecutor({
    flags: options,
    out: options.out,
    workers: () => defaultWorkers(bytes, usable.length),
  });
  const settings = {
    model,
    segmenter: finder,
    device: options.device,
    threads: own ?? executor.threads,
  };
  const outcomes = await stoppable('stopping', (signal) =>
    runPatientJobs<CheckPatientRun, readonly CheckedDirection[]>(
      { executor, signal, startProgress: createProgress },
      {
        label: 'checking',
        cases: usable,
        models: [model, finder],
        runOf: (files): CheckPatientRun => ({ kind: 'check-patient', files, settings }),
        command: 'utad check',
      },
    ),
  );
  const failed = failuresOf(outcomes);
  const rows = outcomes.flatMap((one) => (one.status === 'done' ? one.result : []));
  if (rows.length === 0) {
    refuse('bad-value', {
      where: 'utad check',
      problem: `no patient could be checked. ${failed[0]?.message}`,
    });
  }
  const late = failed.map(({ message }) => `Not checked: ${message}`);
  for (const warning of late) warn(warning);
  const report = checkReport(modalities, rows);
  const about = {
    model: options.model,
    segmenter: options.segmenter,
    patientsChosen: chosen.reason,
    failed,
    warnings: [...early, ...late],
  };
  await writeJson(join(options.out, 'check.json'), { ...about, ...report });
  await writeFileAtomic(join(options.out, 'check.csv'), csvTable(checkedPatientsTable(rows)));
  await executor.finalise();
  console.log(terminalTable(checkTable(report)));
  for (const row of rows) {
    if (!row.detected || row.change.flags.length === 0) continue;
    console.log(`${row.patient}, ${row.target} from ${row.source}: ${describeChange(row.change)}`);
  }
  console.log(`\nWritten: ${join(options.out, 'check.json')}, check.csv`);
  if (failed.length > 0) process.exitCode = 1;
}

/** `utad check`: see {@link addCheckCommand}. */
export async function checkModel(
  folder: string,
  options: Omit<CheckCommandOptions, 'model'> & { model?: string },
): Promise<void> {
  await check(folder, await withModel(options), options.model);
}
