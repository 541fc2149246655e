import { relative } from 'node:path';
import { groupBy } from '../base/group-by.js';
import type { JobOutcome } from '../jobs/job.js';
import type { TranslatePatientResult, TranslateSettings, Translation } from './translation-job.js';
import type { TranslationPlan } from './translation-plan.js';

/** What became of one patient, for people and for `summary.json`. */
export interface PatientSummary {
  readonly id: string;
  readonly status: 'translated' | 'kept' | 'complete' | 'failed' | 'stopped';
  readonly volumes: readonly {
    readonly modality: string;
    readonly from: string;
    readonly chosenBy: string;
    readonly status: 'translated' | 'kept' | 'failed' | 'stopped';
    /** Relative to the output folder. */
    readonly file: string;
  }[];
  readonly messages: readonly string[];
  readonly warnings: readonly string[];
  readonly seconds: number | null;
}

/** What became of every patient, by their names. */
export function summarise(
  plan: TranslationPlan,
  outcomes: readonly JobOutcome<TranslatePatientResult>[],
  out: string,
): readonly PatientSummary[] {
  const ids = [
    ...plan.jobs.map(({ id }) => id),
    ...plan.untranslatable.map(({ id }) => id),
    ...plan.complete,
  ];
  const wanted = new Map(plan.jobs.map(({ id, run }) => [id, run.translations]));
  const ended = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const untranslatable = groupBy(plan.untranslatable, ({ id }) => id);
  return [...new Set(ids)].sort().map((id): PatientSummary => {
    const outcome = ended.get(id);
    const volumes = volumesOf(wanted.get(id) ?? [], outcome, out);
    const messages = [
      ...(untranslatable.get(id) ?? []).map(({ message }) => message),
      ...(outcome?.status === 'failed' ? [outcome.failure.message] : []),
      ...(outcome?.result?.translations ?? []).flatMap(({ message }) => message ?? []),
    ];
    return {
      id,
      status: messages.length > 0 ? 'failed' : statusOf(volumes, outcome),
      volumes,
      messages: [...new Set(messages)],
      warnings: outcome?.result?.warnings ?? [],
      seconds: outcome === undefined || outcome.status === 'stopped' ? null : outcome.seconds,
    };
  });
}

type Outcome = JobOutcome<TranslatePatientResult>;

function volumesOf(
  wanted: readonly Translation[],
  outcome: Outcome | undefined,
  out: string,
): PatientSummary['volumes'] {
  const results = outcome?.result?.translations ?? [];
  // A process that crashed reports nothing of its volumes.
  const unreported = outcome?.status === 'failed' && outcome.result === undefined ? 'failed' : 'stopped';
  return wanted.map(({ target, source, chosenBy, out: path }) => ({
    modality: target,
    from: source,
    chosenBy,
    status: results.find((one) => one.target === target)?.status ?? unreported,
    file: relative(out, path).replaceAll('\\', '/'),
  }));
}

function statusOf(
  volumes: PatientSummary['volumes'],
  outcome: Outcome | undefined,
): PatientSummary['status'] {
  if (outcome?.status === 'stopped') return 'stopped';
  if (volumes.length === 0) return 'complete';
  return volumes.every(({ status }) => status === 'kept') ? 'kept' : 'translated';
}

/** How many patients ended how. */
export function countStatuses(patients: readonly PatientSummary[]): Record<PatientSummary['status'], number> {
  const count = (status: string): number => patients.filter((one) => one.status === status).length;
  return {
    translated: count('translated'),
    kept: count('kept'),
    complete: count('complete'),
    failed: count('failed'),
    stopped: count('stopped'),
  };
}

/** The content of `summary.json`. */
export function summaryJson(
  dataSet: string,
  layout: TranslationPlan['layout'],
  settings: TranslateSettings,
  codeVersion: string,
  patients: readonly PatientSummary[],
): object {
  const { model, datatype, format } = settings;
  return {
    format: 1,
    dataSet,
    layout,
    model,
    datatype,
    fileFormat: format,
    codeVersion,
    created: new Date().toISOString(),
    counts: countStatuses(patients),
    patients,
  };
}
