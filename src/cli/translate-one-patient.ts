import { UtadError } from '../base/errors.js';
import { progressWhenKnown } from '../base/progress-display.js';
import { translatePatientHere } from '../cohort/patient/translate-patient-job.js';
import type { TranslationObserver, WrittenTranslation } from '../cohort/patient/translation-observer.js';
import type { Translation } from '../cohort/translation-job.js';
import type { TranslationPlan } from '../cohort/translation-plan.js';
import { describeGrid } from '../imaging/geometry.js';
import { outputColours } from '../terminal/colours.js';
import { createProgress } from '../terminal/progress.js';
import { warn } from './warn.js';

/**
 * Translates one patient in this process and prints what it writes. Where a modality may be there already, the exit
 * status is 1.
 *
 * @throws UtadError as `translatePatientHere`.
 */
export async function translateOnePatient({ jobs, untranslatable }: TranslationPlan): Promise<void> {
  for (const { message } of untranslatable) warn(message);
  if (untranslatable.length > 0) process.exitCode = 1;
  try {
    for (const { run } of jobs) await translatePatientHere(run, printingObserver());
  } catch (error) {
    throw withOptionName(error);
  }
}

function printingObserver(): TranslationObserver {
  const displays = new Map<Translation, (done: number, total: number, text?: string) => void>();
  return {
    onWarnings: (where, warnings) => {
      for (const text of warnings) warn(`${where}: ${text}`);
    },
    onProgress: ({ translation, done, total }) => {
      const { source, target } = translation;
      const show =
        displays.get(translation) ?? progressWhenKnown(createProgress, `${source} → ${target}`, 'slices');
      displays.set(translation, show);
      show(done, total);
    },
    onWritten: print,
  };
}

function print({ translation, volume, device, seconds, check }: WrittenTranslation): void {
  const { target, source, out } = translation;
  for (const text of check?.warnings ?? []) warn(text);
  const range = rangeOf(volume.data).map((value) => Number(value.toPrecision(4)));
  console.log(
    `${outputColours.bold(out)}: synthetic ${target} from ${source}, ${describeGrid(volume)}, ` +
      `values ${range.join(' to ')}, ${seconds.toFixed(1)} s on ${device}`,
  );
  if (check !== undefined) console.log(`  ${check.line}`);
}

/** A file of several volumes is refused with the name of the option that chooses one. */
function withOptionName(error: unknown): unknown {
  if (!(error instanceof UtadError) || !('got' in error.detail)) return error;
  const { detail, code } = error;
  if (detail.parameter !== 'volumeIndex') return error;
  const todo = detail.todo?.replace('its index (volumeIndex)', '--volume-index') ?? '';
  return new UtadError(code, { ...detail, todo }, { cause: error });
}

/** Least and largest value that is not background. */
function rangeOf(data: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value === 0) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}
