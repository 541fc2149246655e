import { writeFileAtomic } from '../base/files.node.js';
import { assignModalities } from '../slices/assignment.js';
import type { CaseFiles } from '../datasets/case.js';
import type { DataSet, DataSetOptions } from '../datasets/data-set.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import type { Split } from '../datasets/split.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { loadSegmenter, type SegmenterState } from '../methods/segmenter-state.node.js';
import { type SegmentationConfiguration, segmenterOf } from '../methods/segmenter-configuration.js';
import { labelsFor } from '../segmentation/label-map.js';
import { type SegmenterMetadata, segmenterFormatVersion } from '../segmentation/segmenter-metadata.js';
import {
  networkIn,
  type SegmenterObserver,
  type SegmenterPlan,
  trainSegmenter,
} from '../methods/train-segmenter.node.js';
import {
  createSegmentationValidator,
  type SegmentationScore,
  segmentationScoreSchema,
  type ValidationPatient,
  validationPatient,
  withModalityAlone,
} from '../methods/segmenter-validation.js';
import { writeSegmenter } from '../segmentation/write-segmenter.js';
import { bestCheckpointPath } from '../training/checkpoint-files.node.js';
import { readJournalOf } from '../training/journal.node.js';
import { casesOf, recordedLabels, recordedOptions, splitFor } from './run-data.js';
import { requireNoRun } from './run-folder.js';
import {
  readSegmenterRecord,
  type SegmenterRecord,
  segmenterPaths,
  writeSegmenterRecord,
} from './segment-run-folder.js';
import { recipeOf, requireSameData } from './training-run.js';
import { packageVersion } from '../jobs/code-fingerprint.js';

/** What a person asks of a segmenter's training run. */
export interface SegmenterRequest {
  /** With the meaning of its labels resolved. */
  readonly dataSet: DataSet;
  readonly dataSetOptions?: DataSetOptions;
  readonly run: string;
  readonly configuration: SegmentationConfiguration;
  /** File with the split; the data set's own `split.json` or a random split when left out. */
  readonly splitFile?: string;
  /** Cases to learn from and to choose by, in the place of a split. */
  readonly cases?: Pick<Split<CaseFiles>, 'train' | 'validation'>;
}

/** Where the work is done and who is told. */
export interface SegmenterSurroundings {
  readonly runtime: Runtime;
  readonly observer: SegmenterObserver;
  readonly onPrepare: (done: number, total: number, text: string) => void;
  readonly signal: AbortSignal;
  /** Slices to learn from, in the place of those that the run would prepare. */
  readonly store?: SliceStore;
}

/**
 * Lays down a new run: split and resolved configuration.
 *
 * @throws UtadError bad-argument when the folder holds a run already; not-found or bad-value for the data set.
 */
export async function createSegmenterRun(request: SegmenterRequest): Promise<SegmenterRecord> {
  const { configuration, run, dataSet } = request;
  recipeOf(configuration);
  await requireNoRun(run);
  const split = request.cases ?? (await splitFor(dataSet, request.splitFile, configuration));
  const record: SegmenterRecord = {
    format: 1,
    kind: 'segmenter',
    created: new Date().toISOString(),
    codeVersion: packageVersion(),
    dataSet: dataSet.folder,
    ...recordedOptions(request.dataSetOptions),
    labels: recordedLabels([...split.train, ...split.validation]),
    configuration,
    trainingCases: split.train.map(({ id }) => id),
    validationCases: split.validation.map(({ id }) => id),
  };
  await writeSegmenterRecord(run, record);
  return record;
}

/**
 * Trains the segmenter of a run from where it stands, and writes it as a file.
 *
 * @returns the path of the file
 * @throws UtadError as `trainSegmenter`; interrupted when the signal asked to stop.
 */
export async function continueSegmenterRun(
  run: string,
  { runtime, observer, onPrepare, signal, store: given }: SegmenterSurroundings,
): Promise<string> {
  const record = await readSegmenterRecord(run);
  const { configuration } = record;
  const { modalities, regions, minimumBrainFraction } = configuration;
  const cases = await casesOf(record);
  const recipe = recipeOf(configuration);
  const training = record.trainingCases.map((id) => cases.get(id)!);
  const store =
    given ?? (await prepareRegionStore(segmenterPaths.cache(run), training, configuration, onPrepare));
  try {
    await requireSameData(run, store.fingerprint);
    const model = segmenterOf(configuration);
    const held = record.validationCases.map((id) => cases.get(id)!);
    const each = Math.ceil(configuration.validationSlices / Math.max(1, held.length));
    const validation: ValidationPatient[] = [];
    for (const one of held) {
      const patient = await loadPreparedPatient(one, recipe, modalities, regions);
      validation.push(validationPatient(patient, model, each, minimumBrainFraction));
    }
    const folder = segmenterPaths.training(run);
    const now = (): number => performance.now();
    const plan = { configuration, folder, store, validation, runtime, observer, signal, now };
    const last = await trainSegmenter(plan);
    const chosen = last.best === null ? last : await loadSegmenter(bestCheckpointPath(folder), configuration);
    const path = segmenterPaths.model(run);
    await writeFileAtomic(
      path,
      await encode(record, chosen, store.fingerprint, folder, await scoresAlone(plan, chosen)),
    );
    return path;
  } finally {
    if (given === undefined) store.close();
  }
}

/**
 * Slices of all modalities of some cases, with the regions in their masks; kept below `folder`.
 *
 * @throws UtadError as prepareSliceStore.
 */
export function prepareRegionStore(
  folder: string,
  cases: readonly CaseFiles[],
  configuration: SegmentationConfiguration,
  onProgress: SegmenterSurroundings['onPrepare'],
): Promise<SliceStore> {
  const { modalities, regions, seed, minimumBrainFraction } = configuration;
  const assignment = assignModalities(cases, modalities, { paired: true, seed });
  const options = { modalities, regions, minimumBrainFraction, onProgress };
  return prepareSliceStore(folder, assignment, recipeOf(configuration), options);
}

async function encode(
  { configuration, trainingCases, validationCases, codeVersion }: SegmenterRecord,
  state: SegmenterState,
  dataFingerprint: string,
  folder: string,
  alone: SegmenterMetadata['training']['alone'],
): Promise<Uint8Array> {
  const { name, labels } = labelsFor(configuration.regions);
  return writeSegmenter(state.tensors, {
    formatVersion: segmenterFormatVersion,
    model: segmenterOf(configuration),
    recipe: recipeOf(configuration),
    labels: { ...labels },
    labelConvention: name,
    training: {
      iterations: state.iteration,
      trainingCases,
      validationCases,
      dataFingerprint,
      modalityDropout: configuration.modalityDropout,
      validation: await validationOf(state, folder),
      alone: alone ?? null,
    },
    codeVersion,
    created: new Date().toISOString(),
  });
}

/** How well the regions are found on each modality alone; null where nobody is held out. */
async function scoresAlone(
  { configuration, runtime, validation }: Pick<SegmenterPlan, 'configuration' | 'runtime' | 'validation'>,
  { tensors }: SegmenterState,
): Promise<SegmenterMetadata['training']['alone']> {
  if (validation.length === 0) return null;
  const model = segmenterOf(configuration);
  const scores: Record<string, Record<string, number>> = {};
  for (const [m, name] of model.modalities.entries()) {
    const patients = validation.map((patient) => withModalityAlone(patient, m, model));
    const validator = await createSegmentationValidator(runtime, model, configuration.batchSize, patients);
    try {
      scores[name] = { ...(await validator.score(networkIn(tensors))).regions };
    } finally {
      await validator.close();
    }
  }
  return scores;
}

/** The validation that chose a state; it stands in the journal. */
async function validationOf({ best }: SegmenterState, folder: string): Promise<SegmentationScore | null> {
  if (best === null) return null;
  const journal = await readJournalOf(`${folder}/journal.jsonl`, segmentationScoreSchema);
  const line = journal.find((one) => one.kind === 'validation' && one.iteration === best.iteration);
  return line?.kind === 'validation' ? line.score : null;
}
