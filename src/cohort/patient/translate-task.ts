import { throwIfAborted } from '../../base/abort.js';
import type { PreparedScan } from '../../translate/prepare-scan.js';
import type { OpenModel } from '../open-model.js';
import { spreadProvenance } from '../output/provenance.js';
import type { Provenance } from '../output/sidecar.js';
import { writeSynthetic } from '../output/write-synthetic.js';
import type { TranslatePatientRun, Translation } from '../translation-job.js';
import { checkSynthetic, type WrittenCheck } from './check-synthetic.js';
import type { OtherScans } from './other-scans.js';
import type { PatientOutcome } from './patient-outcome.js';
import { type TranslatedScans, translateScans } from './translate-scans.js';
import type { TranslationObserver } from './translation-observer.js';

/** A volume that is not finished. */
export interface Task {
  readonly translation: Translation;
  readonly provenance: Provenance;
}

/** The work on a patient's tasks. */
export interface Work {
  readonly run: TranslatePatientRun;
  readonly outcome: PatientOutcome;
  readonly tasks: readonly Task[];
  readonly tools: OpenModel;
  readonly others: OtherScans;
  readonly observer?: TranslationObserver;
  readonly signal?: AbortSignal;
}

/**
 * Translates prepared scans, restores their grid, checks what comes out and writes it.
 *
 * @throws UtadError interrupted when the signal is aborted, and whatever goes wrong.
 */
export async function translateTask(scans: readonly PreparedScan[], task: Task, work: Work): Promise<void> {
  const { tasks, tools, observer, signal } = work;
  const { translation } = task;
  const { model } = tools;
  const throwIfStopped = (): void => throwIfAborted(signal, 'utad translate');
  const started = performance.now();
  const [index, count] = [tasks.indexOf(task), tasks.length];
  const translated = await translateScans(scans, translation, model, (done, total) => {
    throwIfStopped();
    observer?.onProgress?.({ translation, index, count, done, total });
  });
  throwIfStopped();
  const check = await checkTask(scans, translated, translation, work);
  throwIfStopped();
  await writeTask(scans, translated, task, work, check);
  observer?.onWritten?.({
    translation,
    volume: translated.volume,
    device: model.device,
    seconds: (performance.now() - started) / 1000,
    ...(check ? { check } : {}),
  });
}

async function checkTask(
  [scan]: readonly PreparedScan[],
  { volume: synthetic, slices }: TranslatedScans,
  { source, target, out }: Translation,
  { run, outcome, tools: { model, segmenter }, others }: Work,
): Promise<WrittenCheck | undefined> {
  if (run.settings.check === null) return undefined;
  const { volume, prepared, brain } = scan!;
  const task = {
    ...{ model, source, target, volume, prepared, slices, synthetic },
    others: await others(scan!, target),
    ...(segmenter ? { segmenter } : {}),
    ...(brain ? { brain } : {}),
  };
  const check = await checkSynthetic(task, out);
  outcome.warnings.push(...check.warnings);
  return check;
}

/** Writes the map of the spread, where there is one, then the volume. */
async function writeTask(
  scans: readonly PreparedScan[],
  { volume, spread }: TranslatedScans,
  { translation, provenance }: Task,
  { run: { settings }, tools: { model } }: Work,
  check: WrittenCheck | undefined,
): Promise<void> {
  const { fused, spreadOut, notes = [] } = translation;
  const doubts = scans.flatMap(({ modality, warnings }) =>
    warnings.map((text) => (fused ? `${modality}: ${text}` : text)),
  );
  const facts = {
    metadata: model.metadata,
    warnings: [...notes, ...doubts, ...(check?.warnings ?? [])],
  };
  if (spread && spreadOut !== undefined) {
    const map = {
      ...{ ...facts, volume: spread },
      translation: { ...translation, out: spreadOut },
      provenance: spreadProvenance(provenance),
    };
    await writeSynthetic(map, { ...settings, datatype: 'float32' });
  }
  const record = check ? { check: check.record } : {};
  await writeSynthetic({ ...facts, ...record, volume, translation, provenance }, settings);
}
