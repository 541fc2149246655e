import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { throwIfAborted } from '../base/abort.js';
import { requireWritableFolder } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { removeLeftovers } from '../base/temporary.node.js';
import { countStatuses, type PatientSummary, summarise, summaryJson } from '../cohort/cohort-summary.js';
import { writeDescription } from '../cohort/output/dataset-description.js';
import type { TranslationRequest } from '../cohort/plan/translation-request.js';
import type { TranslatePatientResult, TranslatePatientRun } from '../cohort/translation-job.js';
import type { TranslationPlan } from '../cohort/translation-plan.js';
import type { DataSet } from '../datasets/data-set.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import { runWithProgress } from '../jobs/run-with-progress.js';
import { createProgress } from '../terminal/progress.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { cohortTable } from './cohort-table.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';

/** How the plan of a cohort is carried out. */
interface CohortOptions {
  /** Where the patients' jobs run. */
  readonly flags: ExecutorFlags;
  readonly signal: AbortSignal;
  /** Keeps what became of the patients; writes `summary.json` when left out. */
  readonly keep?: (patients: readonly PatientSummary[]) => Promise<void>;
}

/**
 * Carries out the plan for a data set, prints a table and writes `summary.json`.
 *
 * @returns whether nothing failed
 * @throws UtadError interrupted when the signal is aborted.
 */
export async function translateCohort(
  dataSet: DataSet,
  plan: TranslationPlan,
  { out, settings }: TranslationRequest,
  { flags, signal, keep }: CohortOptions,
): Promise<boolean> {
  const to = resolve(out);
  // Before a network has worked for it.
  await requireWritableFolder(to);
  await removeLeftovers(to);
  sayNotes(dataSet);
  const { model } = settings;
  const executor = await openExecutor({
    flags,
    out: to,
    workers: async () => defaultWorkers((await stat(model.path)).size, plan.jobs.length),
  });
  const threads = settings.threads ?? executor.threads;
  const jobs = plan.jobs.map((job) => ({
    ...job,
    run: { ...job.run, settings: { ...job.run.settings, threads } },
  }));
  if (plan.layout === 'bids') await writeDescription(to, model, dataSet.folder);
  const outcomes = await runWithProgress<TranslatePatientRun, TranslatePatientResult>(
    { executor, signal, startProgress: createProgress },
    { label: 'translating', jobs, unit: 'volumes', units: ({ run }) => run.translations.length },
  );

  const patients = summarise(plan, outcomes, to);
  // The table first: on a full disk it is all that a person gets.
  console.log(cohortTable(patients));
  if (keep) await keep(patients);
  else {
    const summary = summaryJson(dataSet.folder, plan.layout, settings, packageVersion(), patients);
    await writeJson(join(to, 'summary.json'), summary);
  }
  throwIfAborted(signal, 'utad translate');
  const { failed, stopped } = countStatuses(patients);
  if (stopped === 0) await executor.finalise();
  return failed + stopped === 0;
}
