import { fail } from '../base/errors.js';
import type { JobRunner } from './jobs/job.js';

/** The kinds of jobs and what does them, loaded when first needed. */
const kinds: Readonly<Record<string, () => Promise<JobRunner>>> = {
  'check-patient': async () =>
    (await import('./check-patient-job.js')).checkPatientRunner() as unknown as JobRunner,
  'evaluate-patient': async () =>
    (await import('./evaluate-patient.js')).evaluatePatientRunner() as unknown as JobRunner,
  'fuse-patient': async () =>
    (await import('./evaluate-patient.js')).fusePatientRunner() as unknown as JobRunner,
  'prepare-slices': async () =>
    (await import('./prepare-slices-job.js')).prepareSlicesRunner() as unknown as JobRunner,
  'train-run': async () => (await import('./train-run-job.js')).trainRunRunner() as unknown as JobRunner,
  'translate-patient': async () =>
    (await import('./translate-patient.js')).translatePatientRunner() as unknown as JobRunner,
};

/** A runner for jobs of a kind. @throws UtadError bad-argument when there is no such kind. */
export async function runnerFor(kind: string): Promise<JobRunner> {
  const start = kinds[kind];
  if (start !== undefined) return start();
  return fail('bad-argument', { where: 'job', expected: Object.keys(kinds).join(', '), got: kind });
}
