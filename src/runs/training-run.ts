import { resolve } from 'node:path';
import { readConfiguration } from '../base/configuration.js';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { type Assignment, assignModalities } from '../slices/assignment.js';
import type { CaseFiles } from '../datasets/case.js';
import type { DataSet, DataSetOptions } from '../datasets/data-set.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { type GivenSplit, splitCases } from '../datasets/split.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { type PreparationRecipe, preparationRecipeSchema } from '../imaging/recipe.js';
import { modelOf, type TrainingConfiguration } from '../training/configuration.js';
import { bestGenerator, type StageObserver, trainStage } from '../training/loop.node.js';
import { generatorInUse, startStudent, startTeacher, type TrainingState } from '../training/state.js';
import type { Stage } from '../training/update-setup.js';
import type { ValidationSlice } from '../training/validation.js';
import { exportModel } from './export-model.js';
import { casesOf, casesToLearnFrom, recordedLabels, recordedOptions, withUnmasked } from './run-data.js';
import { type RunRecord, readRunRecord, requireNoRun, runPaths, writeRunRecord } from './run-folder.js';
import { ownRun } from './run-owner.js';
import { requireTeacher } from './teacher-run.js';
import { chooseValidationSlices } from './validation-slices.js';
import { codeFingerprint, packageVersion } from '../jobs/code-fingerprint.js';

/** What a person asks of a training run. */
export interface TrainingRequest {
  /** With the meaning of its labels resolved. */
  readonly dataSet: DataSet;
  /** What the person said about the data set. */
  readonly dataSetOptions?: DataSetOptions;
  readonly run: string;
  readonly configuration: TrainingConfiguration;
  readonly stages: RunRecord['stages'];
  /** File with the split; the data set's own `split.json` or a random split when left out. */
  readonly splitFile?: string;
  /** The split itself, in the place of a file. */
  readonly split?: GivenSplit;
  /** Run whose best teacher a student learns from, for `stages` student. */
  readonly teacherRun?: string;
}

/** Where the work is done and who is told. */
export interface TrainingSurroundings {
  readonly runtime: Runtime;
  readonly observer: StageObserver;
  readonly onPrepare: (done: number, total: number, text: string) => void;
  readonly signal: AbortSignal;
  /** Folder of the prepared slices; the run's own when left out. */
  readonly cache?: string;
  /** How long to wait for another process that trains the run; not at all when left out. */
  readonly patienceMs?: number;
}

/**
 * Lays down a new run: split, what each case contributes, resolved configuration.
 *
 * @throws UtadError bad-argument when the folder holds a run already; not-found or bad-value for the data set.
 */
export async function createRun(request: TrainingRequest): Promise<RunRecord> {
  const { run } = request;
  await requireNoRun(run);
  const record = await planRun(request);
  await writeRunRecord(run, record);
  return record;
}

/** What {@link createRun} would write. @throws UtadError as there. */
export async function planRun(request: TrainingRequest): Promise<RunRecord> {
  const { configuration } = request;
  recipeOf(configuration);
  if (request.stages === 'student' && request.teacherRun === undefined) {
    fail('bad-argument', {
      where: '--stage student',
      expected: '--teacher <run> to begin with',
      got: 'none',
      todo: 'Train a teacher first, or use --stage both.',
    });
  }
  const teacher =
    request.teacherRun === undefined ? null : await requireTeacher(request.teacherRun, configuration);
  const { dataSet } = request;
  const given =
    request.split ??
    (request.splitFile === undefined
      ? await findSplitFile(dataSet.folder)
      : await readSplitFile(request.splitFile));
  const { seed, validationFraction, modalities, paired } = configuration;
  const split =
    given === undefined
      ? withUnmasked(splitCases(casesToLearnFrom(dataSet), { seed, validationFraction }), dataSet, modalities)
      : splitCases(dataSet.cases, { seed, validationFraction, given });
  const assignment = assignModalities(split.train, modalities, { paired, seed });
  return {
    format: 1,
    created: new Date().toISOString(),
    codeVersion: packageVersion(),
    codeFingerprint: await codeFingerprint(),
    dataSet: dataSet.folder,
    ...recordedOptions(request.dataSetOptions),
    labels: recordedLabels([...split.train, ...split.validation]),
    configuration,
    trainingCases: split.train.map(({ id }) => id),
    validationCases: split.validation.map(({ id }) => id),
    assignment: Object.fromEntries(assignment.map((one) => [one.case.id, [...one.modalities]])),
    stages: request.stages,
    teacherRun: request.teacherRun === undefined ? null : resolve(request.teacherRun),
    ...(teacher === null ? {} : { teacherCases: teacher.trainingCases }),
  };
}

/**
 * Trains the stages of a run from where they stand, and writes the best generator of each as a model file.
 *
 * @returns the path of the last stage's model file
 * @throws UtadError as the stages do; interrupted when the signal asked to stop; busy when another process
 * trains the run.
 */
export async function continueRun(run: string, surroundings: TrainingSurroundings): Promise<string> {
  const record = await readRunRecord(run);
  const owner = await ownRun(run, surroundings.patienceMs);
  try {
    const signal = AbortSignal.any([surroundings.signal, owner.lost]);
    return await trainStages(run, record, { ...surroundings, signal });
  } finally {
    await owner.release();
  }
}

async function trainStages(
  run: string,
  record: RunRecord,
  surroundings: TrainingSurroundings,
): Promise<string> {
  const { configuration } = record;
  const cases = await casesOf(record);
  const recipe = recipeOf(configuration);
  const store = await prepareSliceStore(
    surroundings.cache ?? runPaths.cache(run),
    assignmentsOf(record, cases),
    recipe,
    {
      modalities: configuration.modalities,
      minimumBrainFraction: configuration.minimumBrainFraction,
      neighbours: configuration.neighbours ?? 0,
      onProgress: surroundings.onPrepare,
    },
  );
  try {
    await requireSameData(run, store.fingerprint);
    const validation = await validationSlicesOf(record, cases, recipe);
    const train = (stage: Stage, start: () => Promise<TrainingState>): Promise<TrainingState> =>
      trainStage({
        configuration,
        stage,
        folder: runPaths.stage(run, stage),
        store,
        validation,
        runtime: surroundings.runtime,
        start,
        observer: surroundings.observer,
        signal: surroundings.signal,
        now: () => performance.now(),
        startedAt: Date.parse(record.created) / 1000,
      });
    const { seed } = configuration;
    const average = configuration.averageDecay > 0;
    if (record.stages !== 'student') {
      await train('teacher', async () => startTeacher(modelOf(configuration), seed, average));
      const model = await exportModel('teacher', run, record, recipe, store);
      if (record.stages === 'teacher') return model;
    }
    await train('student', async () => {
      const taught =
        record.teacherRun === null ? record : await requireTeacher(record.teacherRun, configuration);
      const folder = runPaths.stage(record.teacherRun ?? run, 'teacher');
      const teacher = await bestGenerator(folder, taught.configuration);
      const [model, teacherModel] = [modelOf(configuration, 'student'), modelOf(configuration)];
      return startStudent(generatorInUse(teacher.tensors), model, seed, average, teacherModel);
    });
    return await exportModel('student', run, record, recipe, store);
  } finally {
    store.close();
  }
}

/** Notes the data of a run at its start; afterwards they must stay the same. */
export async function requireSameData(run: string, fingerprint: string): Promise<void> {
  const path = runPaths.fingerprint(run);
  const known = await readFileBytes(path).then(
    (bytes) => new TextDecoder().decode(bytes).trim(),
    () => null,
  );
  if (known === null) await writeFileAtomic(path, `${fingerprint}\n`);
  else if (known !== fingerprint) {
    fail('bad-value', {
      where: run,
      expected: 'the data that the run began with',
      got: 'files, or a preparation by another version, that have changed since',
      todo: 'Put the old files back, or start a new run.',
    });
  }
}

/** How this configuration prepares volumes. */
export function recipeOf({
  sliceSide,
  fieldOfViewMm,
  lowPercentile,
  highPercentile,
  preparation,
}: Pick<
  TrainingConfiguration,
  'sliceSide' | 'fieldOfViewMm' | 'lowPercentile' | 'highPercentile' | 'preparation'
>): PreparationRecipe {
  const recipe = { ...preparation, sliceSide, fieldOfViewMm, lowPercentile, highPercentile };
  return readConfiguration(preparationRecipeSchema, recipe, 'training configuration: preparation');
}

/** What each training case contributes. */
export function assignmentsOf(
  record: Pick<RunRecord, 'trainingCases' | 'assignment'>,
  cases: ReadonlyMap<string, CaseFiles>,
): Assignment[] {
  return record.trainingCases.map((id) => ({
    case: cases.get(id)!,
    modalities: record.assignment[id] ?? [],
  }));
}

/** The held-out slices that choose the best checkpoint. */
export async function validationSlicesOf(
  record: RunRecord,
  cases: ReadonlyMap<string, CaseFiles>,
  recipe: PreparationRecipe,
): Promise<ValidationSlice[]> {
  const { modalities, validationSlices, minimumBrainFraction, neighbours = 0 } = record.configuration;
  const each = Math.ceil(validationSlices / Math.max(1, record.validationCases.length));
  const slices: ValidationSlice[][] = [];
  for (const id of record.validationCases) {
    const patient = await loadPreparedPatient(cases.get(id)!, recipe, modalities);
    slices.push(chooseValidationSlices(patient, modalities, each, minimumBrainFraction, neighbours));
  }
  return Array.from({ length: each }, (_, i) => slices.flatMap((list) => list[i] ?? [])).flat();
}
