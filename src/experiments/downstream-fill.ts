import { resolve } from 'node:path';
import { fail, runAgain, stop } from '../base/errors.js';
import { progressWhenKnown, type StartProgress } from '../base/progress-display.js';
import { translatePatientRunner } from '../cohort/patient/translate-patient-job.js';
import { planCohort } from '../cohort/plan/plan-cohort.js';
import type { CaseFiles } from '../datasets/case.js';
import { fileSafe, outputLayout } from '../datasets/output-layout.js';
import { defaultFormat, writtenEnding } from '../imaging/formats/formats.js';
import { defaultReadLimits } from '../imaging/read-limits.js';
import { runJobs } from '../jobs/run-jobs.js';
import { recipeOf } from '../runs/run-data.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { DownstreamSettings } from './downstream-experiment.js';
import { downstreamPaths } from './downstream-plan.js';

const layout = outputLayout('brats', false);

/** Where a patient's translated volume lies. */
export const filledPath = (folder: string, missing: string, id: string): string =>
  resolve(
    downstreamPaths.filled(folder),
    `${layout.synthetic(fileSafe(id), missing)}${writtenEnding(defaultFormat.name)}`,
  );

/** How missing modalities are filled. */
interface Filling {
  /** Folder of the experiment. */
  readonly folder: string;
  readonly model: DownstreamSettings['model'];
  readonly device: string;
  readonly threads: number | undefined;
  readonly signal: AbortSignal;
  readonly startProgress: StartProgress;
}

/** Translates what is missing for all patients; what is finished is kept. */
export async function fillMissing(
  cases: readonly CaseFiles[],
  missing: string,
  source: string,
  metadata: ModelMetadata,
  { folder, model, device, threads, signal, startProgress }: Filling,
): Promise<void> {
  const lacking = cases.map((one): CaseFiles => {
    const { [missing]: _, ...others } = one.modalities;
    return { ...one, modalities: others };
  });
  const plan = planCohort({ cases: lacking, layout: 'brats' }, metadata, {
    to: [missing],
    from: source,
    out: downstreamPaths.filled(folder),
    settings: {
      model,
      device,
      threads: threads ?? null,
      datatype: 'float32',
      format: defaultFormat.name,
      skullStrip: null,
      check: null,
      limits: defaultReadLimits,
      force: false,
    },
  });
  const progress = startProgress(`translate ${source} → ${missing}`, plan.jobs.length);
  let done = 0;
  const outcomes = await runJobs(plan.jobs, {
    workers: 1,
    startRunner: translatePatientRunner,
    signal,
    onOutcome: ({ id }) => progress.update(++done, id),
  });
  progress.end();
  for (const outcome of outcomes) {
    if (outcome.status === 'stopped')
      stop({ where: 'utad downstream', todo: runAgain }, { cause: signal.reason });
    const message =
      outcome.status === 'failed'
        ? outcome.failure.message
        : outcome.result.translations.find(({ status }) => status === 'failed')?.message;
    if (message !== undefined)
      fail('bad-value', {
        where: outcome.id,
        expected: `a translation of ${source} into ${missing}`,
        got: message,
      });
  }
}

/** Slices of the translated volumes of the patients to learn from. */
export function prepareFilled(
  train: readonly CaseFiles[],
  missing: string,
  configuration: DownstreamSettings['configuration'],
  {
    folder,
    startProgress,
    onNotice,
  }: Pick<Filling, 'folder' | 'startProgress'> & { readonly onNotice: (text: string) => void },
): Promise<SliceStore> {
  const {
    model: { modalities, regions },
    data: { minimumBrainFraction },
  } = configuration;
  const assignment = train.map((one) => ({
    case: { ...one, modalities: { [missing]: { path: filledPath(folder, missing, one.id) } } },
    modalities: [missing],
  }));
  return prepareSliceStore(downstreamPaths.cache(folder), assignment, recipeOf(configuration), {
    modalities,
    regions,
    minimumBrainFraction,
    onProgress: progressWhenKnown(startProgress, `prepare ${missing}`),
    onNotice,
  });
}
