import { access, constants, mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { throwIfAborted } from '../base/abort.js';
import { fail } from '../base/errors.js';
import { failToWrite, readFileBytes } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import {
  countStatuses,
  type PatientSummary,
  summarise,
  summaryJson,
  summaryTable,
} from '../cohort/cohort-summary.js';
import { writeDescription } from '../cohort/output/dataset-description.js';
import type { TranslatePatientResult } from '../cohort/patient/translate-patient.js';
import { type CohortRequest, planCohort } from '../cohort/plan/plan-cohort.js';
import type { TranslatePatientRun, TranslateSettings } from '../cohort/translation-job.js';
import type { DataSet } from '../datasets/data-set.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import { runWithProgress } from '../jobs/run-with-progress.js';
import { createProgress } from '../terminal/progress.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { readModelMetadata } from '../translate/read-model.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';

/** What {@link translateCohort} is told besides the request. */
export interface CohortOptions {
  /** Where the patients' jobs run. */
  readonly flags: ExecutorFlags;
  readonly signal: AbortSignal;
  /** Keeps what became of the patients; writes `summary.json` when left out. */
  readonly keep?: (patients: readonly PatientSummary[]) => Promise<void>;
}

/**
 * Fills the gaps of a whole data set and writes `summary.json` about it.
 *
 * @returns whether nothing failed
 * @throws UtadError bad-argument for what cannot be meant; interrupted when the signal asked to stop.
 */
export async function translateCohort(
  dataSet: DataSet,
  metadata: ModelMetadata,
  request: CohortRequest,
  { flags, signal, keep }: CohortOptions,
): Promise<boolean> {
  const out = resolve(request.out);
  if (request.complete !== undefined && out === dataSet.folder) {
    fail('bad-argument', {
      where: '--complete',
      expected: 'another folder than the data set itself',
      got: request.out,
      todo: 'Choose another --out.',
    });
  }
  await requireWritable(out);
  sayNotes(dataSet);
  const plan = planCohort(dataSet.cases, metadata, request);
  const { model } = request.settings;
  const executor = await openExecutor({
    flags,
    out,
    workers: async () => defaultWorkers((await stat(model.path)).size, plan.jobs.length),
  });
  const threads = request.settings.threads ?? executor.threads;
  const settled = plan.jobs.map((job) => ({
    ...job,
    run: { ...job.run, settings: { ...job.run.settings, threads } },
  }));
  if (request.layout.name === 'bids') await writeDescription(out, model, dataSet.folder);
  const outcomes = await runWithProgress<TranslatePatientRun, TranslatePatientResult>(
    { executor, signal, startProgress: createProgress },
    {
      label: 'translating',
      jobs: settled,
      units: ({ run }) => run.translations.length,
    },
  );

  const patients = summarise(plan, outcomes, out);
  // The table first: on a full disk it is all that a person gets.
  console.log(summaryTable(patients));
  if (keep) await keep(patients);
  else {
    const { layout, settings } = request;
    const summary = summaryJson(dataSet.folder, layout.name, settings, packageVersion(), patients);
    await writeJson(join(out, 'summary.json'), summary);
  }
  throwIfAborted(signal, 'utad translate');
  const { failed, stopped } = countStatuses(patients);
  if (stopped === 0) await executor.finalise();
  return failed + stopped === 0;
}

/** Refuses a folder that cannot be written before a network has worked for it. */
async function requireWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    failToWrite(folder, cause);
  }
}

/** Reads what a model file says of itself, without loading it. @throws UtadError as readModelMetadata. */
export async function metadataOfModelFile(path: string): Promise<ModelMetadata> {
  return readModelMetadata(await readFileBytes(path), path);
}

/** Refuses whole numbers for a model whose values span too few of them. */
export function requireDatatype(
  datatype: TranslateSettings['datatype'] | undefined,
  { valueRanges }: ModelMetadata,
  targets: readonly string[],
): void {
  if (datatype !== 'int16') return;
  for (const target of targets) {
    const { low, high } = valueRanges[target]!;
    if (high - low >= 50) continue;
    fail('bad-argument', {
      where: '--datatype int16',
      expected: 'a model whose values span at least 50 whole numbers',
      got: `${low} to ${high} for ${target}`,
      todo: 'Write float32.',
    });
  }
}
