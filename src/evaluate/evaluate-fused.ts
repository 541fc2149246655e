import { fail } from '../base/errors.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { type FailedPatient, failuresOf, runPatientJobs } from '../jobs/patient-jobs.js';
import type { Execution } from '../jobs/run-with-progress.js';
import type { Fusion } from '../translate/fusion.js';
import type { EvaluatedPatient } from './evaluate-cohort.js';
import type { EvaluateSettings, FusePatientRun } from './evaluate-patient-job.js';
import type { FusedPatient, FusedRow } from './fuse-patient.js';
import { learnFusion } from './learn-fusion.js';
import type { FusedPicture } from './patient-pictures.js';

/** What fusing gave for all patients. */
export interface FusedCohort {
  readonly rows: readonly FusedRow[];
  /** Patient → its pictures. */
  readonly pictures: ReadonlyMap<string, readonly FusedPicture[]>;
  readonly failed: readonly FailedPatient[];
}

/** The weights learnt from all evaluated patients. */
export function fusionOf(
  evaluated: readonly EvaluatedPatient[],
  modalities: readonly string[],
  modelSha256: string,
): Fusion {
  const able = evaluated.filter(({ fusion }) => fusion && fusion.length > 0);
  return {
    format: 1,
    modelSha256,
    modalities: [...modalities],
    patients: able.map(({ pictures }) => pictures.patient),
    tables: learnFusion(able.map(({ fusion }) => fusion!)),
    codeVersion: packageVersion(),
  };
}

/**
 * Refuses to fuse before anything is evaluated: where nobody has two sources, or a patient has nobody to learn from.
 *
 * @throws UtadError bad-value.
 */
export function requireFusible(
  cases: readonly CaseFiles[],
  modalities: readonly string[],
  learnt: boolean,
): void {
  const able = cases.filter((one) => modalities.filter((name) => one.modalities[name]).length >= 3);
  const people = new Set(able.map(({ id }) => patientOf(id)));
  const needed = learnt ? 1 : 2;
  if (people.size >= needed) return;
  fail('bad-value', {
    where: '--fuse',
    expected: `${needed} patients with three modalities or more`,
    got: String(people.size),
    todo: learnt
      ? 'Evaluate others.'
      : 'Evaluate more patients, or name weights that were learnt before: --fuse <file>.',
  });
}

/**
 * Fuses the translations of every patient that has three modalities or more.
 *
 * @param given weights that were learnt before; without them each patient's are learnt from all other persons
 * @throws UtadError interrupted when the signal asked to stop.
 */
export async function fuseCohort(
  cases: readonly CaseFiles[],
  evaluated: readonly EvaluatedPatient[],
  settings: EvaluateSettings,
  given: Fusion | undefined,
  execution: Execution,
): Promise<FusedCohort> {
  const able = evaluated.filter(({ fusion }) => fusion && fusion.length > 0);
  const tablesFor = (id: string) =>
    given?.tables ??
    learnFusion(
      able
        .filter(({ pictures }) => patientOf(pictures.patient) !== patientOf(id))
        .map(({ fusion }) => fusion!),
    );
  const wanted = cases.filter(({ id }) => able.some(({ pictures }) => pictures.patient === id));
  const outcomes = await runPatientJobs<FusePatientRun, FusedPatient>(execution, {
    label: 'fusing',
    cases: wanted,
    models: [settings.model],
    runOf: (files): FusePatientRun => ({
      kind: 'fuse-patient',
      files,
      settings,
      tables: tablesFor(files.id),
    }),
    command: 'utad evaluate',
  });
  const done = outcomes.flatMap((one) => (one.status === 'done' ? [one] : []));
  return {
    rows: done.flatMap(({ result }) => result.rows),
    pictures: new Map(done.map(({ id, result }) => [id, result.pictures])),
    failed: failuresOf(outcomes),
  };
}
