import { UtadError } from '../../base/errors.js';
import { failureOf } from '../../jobs/attempt.js';
import type { TranslatePatientResult, Translation, TranslationResult } from '../translation-job.js';

/** What becomes of a patient's volumes while they are translated. */
export class PatientOutcome {
  /** About the scans and the translations. */
  readonly warnings: string[] = [];
  readonly #volumes = new Map<Translation, TranslationResult>();
  #error: { readonly cause: unknown } | undefined;

  /** Notes how a volume ended. */
  note(translation: Translation, status: TranslationResult['status'], message?: string): void {
    const { target, source, out, chosenBy } = translation;
    const result = { target, source, out, chosenBy, status };
    this.#volumes.set(translation, message === undefined ? result : { ...result, message });
  }

  /**
   * Works on a volume. What goes wrong is noted, and the other volumes go on, unless these would fail alike.
   *
   * @throws what `work` throws when it was interrupted or when every other volume would fail as well.
   */
  async attempt(translation: Translation, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof UtadError && error.code === 'interrupted') throw error;
      const { message, fatal, transient } = failureOf(error);
      this.note(translation, 'failed', message);
      if (fatal) throw error;
      if (this.#error === undefined || transient) this.#error = { cause: error };
    }
  }

  /** @throws the last failure that may not come again, else the first one, if there was any. */
  throwIfFailed(): void {
    if (this.#error !== undefined) throw this.#error.cause;
  }

  /** What is known so far. */
  result(): TranslatePatientResult {
    return { translations: [...this.#volumes.values()], warnings: this.warnings };
  }
}
