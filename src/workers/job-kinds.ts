import { fail } from '../base/errors.js';
import { type JobRunner, runnerOf } from '../jobs/job.js';

/** The kinds of jobs and what does them, loaded when first needed. */
const kinds: Readonly<Record<string, () => Promise<JobRunner>>> = {
  'check-patient': async () =>
    runnerOf('check-patient', (await import('../evaluate/check-patient-job.js')).checkPatientRunner()),
  'evaluate-patient': async () =>
    runnerOf(
      'evaluate-patient',
      (await import('../evaluate/evaluate-patient-job.js')).evaluatePatientRunner(),
    ),
  'fuse-patient': async () =>
    runnerOf('fuse-patient', (await import('../evaluate/evaluate-patient-job.js')).fusePatientRunner()),
  'prepare-slices': async () =>
    runnerOf('prepare-slices', (await import('../runs/prepare-slices-job.js')).prepareSlicesRunner()),
  'train-run': async () => runnerOf('train-run', (await import('../runs/train-run-job.js')).trainRunRunner()),
  'translate-patient': async () =>
    runnerOf(
      'translate-patient',
      (await import('../cohort/patient/translate-patient-job.js')).translatePatientRunner(),
    ),
};

/** A runner for jobs of a kind. @throws UtadError bad-argument when there is no such kind. */
export async function runnerFor(kind: string): Promise<JobRunner> {
  const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (start !== undefined) return start();
  return fail('bad-argument', { where: 'job', expected: Object.keys(kinds).join(', '), got: kind });
}
