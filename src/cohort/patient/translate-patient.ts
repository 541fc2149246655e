import { protectScans, requireReplaceable } from '../../base/protected-inputs.node.js';
import { fingerprintsOnce } from '../../datasets/fingerprint.node.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import type { PreparedScan } from '../../translate/prepare-scan.js';
import type { OpenModel } from '../open-model.js';
import { removeLeftoversOf, requireOurs } from '../output/existing-outputs.js';
import { putScanBeside } from '../output/linked-scan.js';
import { provenanceOf, spreadProvenance } from '../output/provenance.js';
import { isFinished, type Provenance } from '../output/sidecar.js';
import { scansOf, type TranslatePatientRun, type TranslateSettings } from '../translation-job.js';
import { otherScans } from './other-scans.js';
import type { PatientOutcome } from './patient-outcome.js';
import { readScans } from './read-scans.js';
import { registrationDoubts } from './registration-doubts.js';
import { type Task, translateTask, type Work } from './translate-task.js';
import type { TranslationObserver } from './translation-observer.js';

/** How a patient is translated. */
interface TranslatePatientOptions {
  readonly open: (settings: TranslateSettings) => Promise<OpenModel>;
  readonly observer?: TranslationObserver;
  /** Stops between slices. */
  readonly signal?: AbortSignal;
}

/**
 * Carries out the plan for one patient, whatever the input: read → prepare → translate → restore → write,
 * source by source. Volumes that are finished already are kept.
 *
 * @param outcome takes what becomes of each volume
 * @throws what went wrong with a volume, when all others are done; UtadError interrupted when the signal is aborted.
 */
export async function translatePatient(
  run: TranslatePatientRun,
  outcome: PatientOutcome,
  { open, ...options }: TranslatePatientOptions,
): Promise<void> {
  await protectScans(scansOf(run));
  const tasks = await unfinishedTasks(run, outcome);
  if (tasks.length > 0) {
    const tools = await open(run.settings);
    const others = otherScans(run, tools.model.metadata);
    const work = { run, outcome, tasks, tools, others, ...options };
    for (const source of new Set(tasks.map(({ translation }) => translation.source))) {
      const group = tasks.filter(({ translation }) => translation.source === source);
      await translateGroup(group, work);
    }
  }
  for (const scan of run.linkedScans) await putScanBeside(scan, run.settings.limits);
  outcome.throwIfFailed();
}

/** The volumes that are not there yet; the others are noted as kept. */
async function unfinishedTasks(run: TranslatePatientRun, outcome: PatientOutcome): Promise<readonly Task[]> {
  const { force } = run.settings;
  const fingerprint = fingerprintsOnce();
  const tasks: Task[] = [];
  for (const translation of run.translations) {
    await outcome.attempt(translation, async () => {
      const provenance = await provenanceOf(translation, run, fingerprint);
      const { out, spreadOut } = translation;
      const wanted = new Map([[out, provenance]]);
      if (spreadOut !== undefined) wanted.set(spreadOut, spreadProvenance(provenance));
      const isDone = ([path, from]: [string, Provenance]): Promise<boolean> => isFinished(path, from);
      if (!force && (await Promise.all([...wanted].map(isDone))).every(Boolean))
        return outcome.note(translation, 'kept');
      for (const path of wanted.keys()) {
        if (force) for (const file of [path, sidecarOf(path)]) await requireReplaceable(file);
        else await requireOurs(path);
        await removeLeftoversOf(path);
      }
      tasks.push({ translation, provenance });
    });
  }
  return tasks;
}

/** Translates everything that has the same source, which is read and prepared once. */
async function translateGroup(group: readonly Task[], work: Work): Promise<void> {
  let scans: Promise<readonly PreparedScan[]> | undefined;
  for (const task of group) {
    await work.outcome.attempt(task.translation, async () => {
      scans ??= readAndDoubt(task, work);
      await translateTask(await scans, task, work);
      work.outcome.note(task.translation, 'translated');
    });
  }
}

async function readAndDoubt(task: Task, work: Work): Promise<readonly PreparedScan[]> {
  const { run, outcome, tools, tasks, observer } = work;
  const { notes = [] } = task.translation;
  const scans = await readScans(task.translation, run, tools);
  for (const [i, { modality, where, warnings }] of scans.entries()) {
    const all = i === 0 ? [...notes, ...warnings] : warnings;
    outcome.warnings.push(...all.map((text) => `${modality}: ${text}`));
    if (all.length > 0) observer?.onWarnings?.(where, all);
  }
  if (task === tasks[0])
    outcome.warnings.push(...(await registrationDoubts(run, scans[0]!, tools.model.metadata.recipe)));
  return scans;
}
