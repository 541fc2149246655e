import { relative } from 'node:path';
import type { JobOutcome } from '../jobs/job.js';
import { outputColours } from '../terminal/colours.js';
import type { TranslatePatientResult } from './patient/translate-patient.js';
import type { CohortPlan } from './plan/plan-cohort.js';
import type { TranslateSettings, Translation } from './translation-job.js';

/** What became of one patient, for people and for `summary.json`. */
export interface PatientSummary {
  readonly id: string;
  readonly status: 'made' | 'kept' | 'complete' | 'failed' | 'stopped';
  readonly volumes: readonly {
    readonly modality: string;
    readonly from: string;
    readonly chosenBy: string;
    readonly status: 'made' | 'kept' | 'failed' | 'stopped';
    /** Relative to the output folder. */
    readonly file: string;
  }[];
  readonly messages: readonly string[];
  readonly warnings: readonly string[];
  readonly seconds: number | null;
}

/** What became of every patient, by their names. */
export function summarise(
  plan: CohortPlan,
  outcomes: readonly JobOutcome<TranslatePatientResult>[],
  out: string,
): readonly PatientSummary[] {
  const ids = [...plan.jobs.map(({ id }) => id), ...plan.hopeless.map(({ id }) => id), ...plan.complete];
  const wanted = new Map(plan.jobs.map(({ id, run }) => [id, run.translations]));
  const ended = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const lost = new Map(plan.hopeless.map(({ id, message }) => [id, message]));
  return [...new Set(ids)].sort().map((id): PatientSummary => {
    const outcome = ended.get(id);
    const volumes = volumesOf(wanted.get(id) ?? [], outcome, out);
    const messages = [
      ...(lost.has(id) ? [lost.get(id)!] : []),
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
  // A process that broke says nothing of its volumes.
  const untold = outcome?.status === 'failed' && outcome.result === undefined ? 'failed' : 'stopped';
  return wanted.map(({ target, source, chosenBy, out: path }) => ({
    modality: target,
    from: source,
    chosenBy,
    status: results.find((one) => one.target === target)?.status ?? untold,
    file: relative(out, path).replaceAll('\\', '/'),
  }));
}

function statusOf(
  volumes: PatientSummary['volumes'],
  outcome: Outcome | undefined,
): PatientSummary['status'] {
  if (outcome?.status === 'stopped') return 'stopped';
  if (volumes.length === 0) return 'complete';
  return volumes.every(({ status }) => status === 'kept') ? 'kept' : 'made';
}

/** How many patients ended how. */
export function countStatuses(patients: readonly PatientSummary[]): Record<PatientSummary['status'], number> {
  const count = (status: string): number => patients.filter((one) => one.status === status).length;
  return {
    made: count('made'),
    kept: count('kept'),
    complete: count('complete'),
    failed: count('failed'),
    stopped: count('stopped'),
  };
}

/** The content of `summary.json`. */
export function summaryJson(
  dataSet: string,
  layout: string,
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

const colours: Readonly<Record<PatientSummary['status'], (text: string) => string>> = {
  made: outputColours.green,
  kept: outputColours.dim,
  complete: outputColours.dim,
  failed: outputColours.red,
  stopped: outputColours.yellow,
};

/** Patients as a table, then what went wrong and what is doubtful, then the counts. */
export function summaryTable(patients: readonly PatientSummary[]): string {
  const width = Math.max(7, ...patients.map(({ id }) => id.length));
  const rows = patients.map(({ id, status, volumes, seconds }) => {
    const made = volumes.map(({ modality, from, status: how }) => {
      const usual = status === 'stopped' ? how === 'stopped' : how === 'made' || how === 'kept';
      const mark = usual ? '' : ` (${how})`;
      return `${modality} ← ${from}${mark}`;
    });
    const time = seconds === null || status === 'kept' ? '' : `${seconds.toFixed(1)} s`;
    const cells = [id.padEnd(width), colours[status](status.padEnd(8)), time.padStart(8), made.join(', ')];
    return cells.join('  ').trimEnd();
  });
  const notes = patients.flatMap(({ id, messages, warnings }) => [
    ...messages.map((text) => `${outputColours.red('error  ')}  ${id}: ${text}`),
    ...warnings.map((text) => `${outputColours.yellow('warning')}  ${id}: ${text}`),
  ]);
  const counts = Object.entries(countStatuses(patients))
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const head = `${'patient'.padEnd(width)}  status        time  volumes`;
  return [
    outputColours.bold(head),
    ...rows,
    '',
    ...notes,
    ...(notes.length > 0 ? [''] : []),
    `${counts.join(', ')}.`,
  ].join('\n');
}
