import { fail } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { withModelChecksum } from '../engine/files/model-checksum.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { loadBest } from '../training/checkpoint.node.js';
import { bestCheckpointPath } from '../training/checkpoint-files.node.js';
import { journalPath, readJournal } from '../training/journal.node.js';
import { train } from '../training/loop.node.js';
import type { Method } from '../training/method.js';
import type { TrainingObserver } from '../training/observer.js';
import type { TrainingState } from '../training/state.js';
import { assignmentsOf, casesOf, recipeOf, requireSameData } from './run-data.js';
import { type RunRecord, readRunRecord, runPaths } from './run-folder.js';
import { type RunMethods, useMethodsOf } from './run-methods.js';
import { type RunOwner, withRun } from './run-owner.js';

/** Where a run is trained, and who is notified. */
interface TrainingSurroundings {
  readonly runtime: Runtime;
  readonly observer: TrainingObserver;
  readonly onPrepare: (done: number, total: number, text: string) => void;
  readonly signal: AbortSignal;
  /** Folder of the prepared slices; the run's own when left out. */
  readonly cache?: string;
  /** Slices to learn from, in the place of those that the run would prepare. */
  readonly store?: SliceStore;
  /** The right to write to the run, where the caller has it already; it is taken when left out. */
  readonly owner?: RunOwner;
}

/**
 * Trains the methods of a run from where they stand, and writes the best state of each as a model file.
 *
 * @returns the path of the last method's model file
 * @throws UtadError as `train` does; interrupted when the signal asked to stop; busy when another process
 * trains the run.
 */
export async function continueRun(run: string, surroundings: TrainingSurroundings): Promise<string> {
  if (surroundings.owner === undefined) {
    // Before a folder is made for a run that is not there.
    await readRunRecord(run);
    return withRun(run, (owner) => continueRun(run, { ...surroundings, owner }));
  }
  const { owner } = surroundings;
  const record = await readRunRecord(run);
  const signal = AbortSignal.any([surroundings.signal, owner.lost]);
  return useMethodsOf(run, record, (methods) =>
    trainMethods(run, record, methods, { ...surroundings, owner, signal }),
  );
}

/** What of a run's record its checkpoints keep: they are of these patients alone. */
function learnsFromOf(record: RunRecord): Readonly<Record<string, unknown>> {
  const { trainingCases, validationCases, labels } = record;
  return {
    trainingCases,
    validationCases,
    labels,
    ...(record.kind === 'translator'
      ? { assignment: record.assignment, teacherCases: record.teacherCases }
      : {}),
  };
}

async function trainMethods<Score, Held>(
  run: string,
  record: RunRecord,
  methods: RunMethods<Score, Held>,
  surroundings: TrainingSurroundings & { readonly owner: RunOwner },
): Promise<string> {
  const { owner, runtime, observer, signal, cache = runPaths.cache(run) } = surroundings;
  const { onPrepare: onProgress } = surroundings;
  const learnsFrom = learnsFromOf(record);
  const cases = await casesOf(record);
  const recipe = recipeOf(record.configuration);
  const store =
    surroundings.store ??
    (await prepareSliceStore(cache, assignmentsOf(record, cases), recipe, {
      ...methods[0].slices,
      onProgress,
      onNotice: observer.onNotice,
    }));
  try {
    await requireSameData(run, store.fingerprint);
    const held = await heldOut(methods[0], record, cases, recipe);
    for (const method of methods) {
      const last = await train({
        method,
        folder: runPaths.training(run, method.name),
        store,
        held,
        runtime,
        observer,
        signal,
        learnsFrom,
        requireOwned: owner.require,
        now: () => performance.now(),
        startedAt: Date.parse(record.created) / 1000,
      });
      await owner.require();
      await writeModelFile(run, record, method, last, { recipe, store, held, runtime });
    }
    return runPaths.model(run, methods.at(-1)!.name);
  } finally {
    if (surroundings.store === undefined) store.close();
  }
}

/** The held-out slices that choose the best checkpoint, about as many of each patient. */
export async function heldOut<Score, Held>(
  { slices, validation }: Pick<Method<Score, Held>, 'slices' | 'validation'>,
  { configuration, validationCases }: Pick<RunRecord, 'configuration' | 'validationCases'>,
  cases: ReadonlyMap<string, CaseFiles>,
  recipe: PreparationRecipe,
): Promise<Held[]> {
  const { modalities, regions } = slices;
  const each = Math.ceil(configuration.validation.slices / Math.max(1, validationCases.length));
  const held: Held[] = [];
  for (const id of validationCases)
    held.push(
      validation.choose(await loadPreparedPatient(cases.get(id)!, recipe, modalities, regions), each),
    );
  return held;
}

/** Writes the best state of a method, or its last one where none was chosen, as a model file. */
async function writeModelFile<Score, Held>(
  run: string,
  record: RunRecord,
  method: Method<Score, Held>,
  last: TrainingState<Score>,
  used: {
    readonly recipe: PreparationRecipe;
    readonly store: SliceStore;
    readonly held: readonly Held[];
    readonly runtime: Runtime;
  },
): Promise<void> {
  if (method.writeModel === null) return;
  const folder = runPaths.training(run, method.name);
  const chosen = last.best === null ? last : await chosenState(folder, method, last.best.iteration);
  const teacherCases = record.kind === 'translator' ? (record.teacherCases ?? []) : [];
  const bytes = await method.writeModel(chosen, {
    ...used,
    trainingCases: [...new Set([...record.trainingCases, ...teacherCases])],
    validationCases: record.validationCases,
    validation: await chosenBy(folder, method, chosen),
    codeVersion: record.codeVersion,
    // Of the run: written again, the file is the same.
    created: record.created,
  });
  await writeFileAtomic(runPaths.model(run, method.name), withModelChecksum(bytes));
}

/** The best state. @throws UtadError bad-file when the file holds that of another iteration. */
async function chosenState<Score, Held>(
  folder: string,
  method: Method<Score, Held>,
  iteration: number,
): Promise<TrainingState<Score>> {
  const best = await loadBest(folder, method);
  if (best.iteration === iteration) return best;
  return fail('bad-file', {
    where: bestCheckpointPath(folder),
    expected: `the state of iteration ${iteration}, which validated best`,
    got: `that of iteration ${best.iteration}`,
    todo: 'Bring the file back from a copy of the run, or start a new run.',
  });
}

/** The validation that chose a state; all of it is in the journal. */
async function chosenBy<Score, Held>(
  folder: string,
  { validation }: Method<Score, Held>,
  { best }: TrainingState<Score>,
): Promise<Score | null> {
  if (best === null) return null;
  const journal = await readJournal(journalPath(folder), validation.scoreSchema);
  const line = journal.find((one) => one.kind === 'validation' && one.iteration === best.iteration);
  return line?.kind === 'validation' ? line.score : null;
}
