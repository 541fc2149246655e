import { resolve } from 'node:path';
import { fail } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import { chooseSplit } from '../datasets/choose-cases.node.js';
import type { DataSet, DataSetOptions } from '../datasets/data-set.js';
import { type GivenSplit, type Split, splitCases } from '../datasets/split.js';
import { codeFingerprint, packageVersion } from '../jobs/code-fingerprint.js';
import type { SegmentationConfiguration } from '../methods/segmenter-configuration.js';
import { assignModalities } from '../slices/assignment.js';
import { hasTeacher, type TrainingConfiguration } from '../training/training-configuration.js';
import { casesToLearnFrom, recordedLabels, recordedOptions, splitFor, withUnmasked } from './run-data.js';
import {
  type RunRecord,
  requireNoRun,
  type SegmenterRecord,
  type TranslatorRecord,
  writeRunRecord,
} from './run-folder.js';
import { requireTeacher } from './teacher-run.js';

/** What is asked of any training run. */
interface RunRequest {
  /** With the meaning of its labels resolved. */
  readonly dataSet: DataSet;
  /** What the person said about the data set. */
  readonly dataSetOptions?: DataSetOptions;
  readonly run: string;
  /** File with the split; the data set's own `split.json` or a random split when left out. */
  readonly splitFile?: string;
}

/** What a person asks of the run of a teacher, a student or both. */
export interface TrainingRequest extends RunRequest {
  readonly configuration: TrainingConfiguration;
  readonly stages: TranslatorRecord['stages'];
  /** The split itself, in the place of a file. */
  readonly split?: GivenSplit;
  /** Run whose best teacher a student learns from, for `stages` student. */
  readonly teacherRun?: string;
}

/** What a person asks of a segmenter's run. */
interface SegmenterRequest extends RunRequest {
  readonly configuration: SegmentationConfiguration;
  /** Cases to learn from and to choose by, in the place of a split. */
  readonly cases?: Pick<Split<CaseFiles>, 'train' | 'validation'>;
}

/**
 * Writes the record of a new run: split, what each case contributes, resolved configuration.
 *
 * @throws UtadError bad-argument when the folder holds a run already; not-found or bad-value for the data set.
 */
export async function createRun(request: TrainingRequest): Promise<TranslatorRecord> {
  await requireNoRun(request.run);
  const record = await planRun(request);
  await writeRunRecord(request.run, record);
  return record;
}

/** What {@link createRun} would write. @throws UtadError as there. */
export async function planRun(request: TrainingRequest): Promise<TranslatorRecord> {
  const { configuration } = request;
  const needsTeacher = hasTeacher(configuration);
  if (request.stages === 'student' && request.teacherRun === undefined && needsTeacher) {
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
  const {
    seed,
    validation: { fraction: validationFraction },
    model: { modalities },
    data: { paired },
  } = configuration;
  // A network that learns without a teacher needs no masks.
  const candidates = (): readonly CaseFiles[] => (needsTeacher ? casesToLearnFrom(dataSet) : dataSet.cases);
  const split = await splitOf(request, candidates, { seed, validationFraction });
  const assignment = assignModalities(split.train, modalities, { paired, seed });
  return {
    kind: 'translator',
    ...(await commonOf(request, split)),
    configuration,
    assignment: Object.fromEntries(assignment.map((one) => [one.case.id, [...one.modalities]])),
    stages: request.stages === 'both' && !needsTeacher ? 'student' : request.stages,
    teacherRun: request.teacherRun === undefined ? null : resolve(request.teacherRun),
    ...(teacher === null ? {} : { teacherCases: teacher.trainingCases }),
  };
}

/** The split that is asked for, named by a file, or drawn: then patients without a mask are learnt from too. */
async function splitOf(
  { dataSet, split: asked, splitFile, configuration }: TrainingRequest,
  candidates: () => readonly CaseFiles[],
  options: { readonly seed: number; readonly validationFraction: number },
): Promise<Split<CaseFiles>> {
  if (asked !== undefined) return splitCases(dataSet.cases, { ...options, given: asked });
  const { given, ...split } = await chooseSplit(dataSet, candidates, { ...options, split: splitFile });
  return given ? split : withUnmasked(split, dataSet, configuration.model.modalities);
}

/** As {@link createRun}, for a segmenter. @throws UtadError as there. */
export async function createSegmenterRun(request: SegmenterRequest): Promise<SegmenterRecord> {
  const { configuration, run, dataSet } = request;
  await requireNoRun(run);
  const split =
    request.cases ??
    (await splitFor(dataSet, request.splitFile, {
      seed: configuration.seed,
      validationFraction: configuration.validation.fraction,
    }));
  const record: SegmenterRecord = { kind: 'segmenter', ...(await commonOf(request, split)), configuration };
  await writeRunRecord(run, record);
  return record;
}

async function commonOf(
  { dataSet, dataSetOptions }: RunRequest,
  { train, validation }: Pick<Split<CaseFiles>, 'train' | 'validation'>,
): Promise<Omit<RunRecord, 'kind' | 'configuration'>> {
  return {
    format: 1,
    created: new Date().toISOString(),
    codeVersion: packageVersion(),
    codeFingerprint: await codeFingerprint(),
    dataSet: dataSet.folder,
    ...recordedOptions(dataSetOptions),
    labels: recordedLabels([...train, ...validation]),
    trainingCases: train.map(({ id }) => id),
    validationCases: validation.map(({ id }) => id),
  };
}
