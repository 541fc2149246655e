import { attempt } from '../../jobs/attempt.js';
import type { JobRunner } from '../../jobs/job.js';
import { openModelOnce } from '../open-model.js';
import type { TranslatePatientResult, TranslatePatientRun } from '../translation-job.js';
import { PatientOutcome } from './patient-outcome.js';
import { translatePatient } from './translate-patient.js';
import type { TranslationObserver, TranslationProgress } from './translation-observer.js';

/** Runs the jobs of patients; the model stays loaded between them. */
export function translatePatientRunner(): JobRunner<TranslatePatientRun, TranslatePatientResult> {
  const { open, close } = openModelOnce();
  return {
    run: ({ id, run }, { signal, onProgress }) => {
      const outcome = new PatientOutcome();
      const result = (): TranslatePatientResult => outcome.result();
      const observer = {
        onProgress: ({ index, count, done, total }: TranslationProgress) =>
          onProgress(100 * index + (100 * done) / total, 100 * count),
      };
      const work = async (): Promise<TranslatePatientResult> => {
        await translatePatient(run, outcome, { open, observer, signal });
        return result();
      };
      return attempt(id, signal, work, result);
    },
    close,
  };
}

/** Translates one patient in this process. @throws UtadError for what went wrong, when all volumes have been tried. */
export async function translatePatientHere(
  run: TranslatePatientRun,
  observer: TranslationObserver,
): Promise<void> {
  const { open, close } = openModelOnce();
  try {
    await translatePatient(run, new PatientOutcome(), { open, observer });
  } finally {
    await close();
  }
}
