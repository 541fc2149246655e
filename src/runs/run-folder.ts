import { join } from 'node:path';
import { z } from 'zod';
import { convertEarlier } from '../base/earlier-fields.js';
import { refuse } from '../base/errors.js';
import { readFileBytes, writeNewFile } from '../base/files.node.js';
import { isRecord } from '../base/is-record.js';
import { jsonText, readJsonAs, requireForm } from '../base/json.node.js';
import { requireOwnFolder } from '../base/protected-inputs.node.js';
import {
  earlierSegmentationFields,
  segmentationConfigurationSchema,
} from '../methods/segmenter-configuration.js';
import { trainingConfigurationSchema } from '../training/training-configuration.js';

const labelConventionSchema = z.object({
  name: z.string(),
  regions: z.record(z.string(), z.union([z.literal('any'), z.array(z.number())])),
  target: z.string(),
  others: z.array(z.number()),
});

/** What every run says of itself and of the data that it learns from. */
const commonFields = {
  format: z.literal(1),
  /** When the run began, ISO 8601. */
  created: z.string(),
  codeVersion: z.string(),
  /** Hash of the program's own files: versions alone do not tell two states of the code apart. */
  codeFingerprint: z.string().optional(),
  /** The data set's folder as it was given. */
  dataSet: z.string(),
  /** What was said about the data set besides. */
  dataSetOptions: z
    .object({
      map: z.string().optional(),
      labels: z.string().optional(),
      includeSynthetic: z.boolean().optional(),
    })
    .optional(),
  /** What the labels of each case's mask mean; left out, every label above 0 is the whole tumour. */
  labels: z.array(z.object({ convention: labelConventionSchema, cases: z.array(z.string()) })).optional(),
  trainingCases: z.array(z.string()),
  validationCases: z.array(z.string()),
};

/** Values by the names of patients, which may be called anything: a record of Zod drops `__proto__`. */
function byPatient<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (found) => (isRecord(found) ? Object.entries(found) : found),
    z
      .array(z.tuple([z.string(), value]))
      .transform((entries): Record<string, z.infer<Value>> => Object.fromEntries(entries)),
  );
}

const translatorRecordSchema = z.object({
  /** Runs of version 0.1.0 do not say it. */
  kind: z.literal('translator').default('translator'),
  ...commonFields,
  configuration: trainingConfigurationSchema,
  /** What each training case contributes. */
  assignment: byPatient(z.array(z.string())),
  stages: z.enum(['teacher', 'student', 'both']),
  /** Run whose best teacher the student learns from, where the run has no teacher of its own. */
  teacherRun: z.string().nullable(),
  /** Training cases of that run: the student learns from them too, through its teacher. */
  teacherCases: z.array(z.string()).optional(),
});

const segmenterRecordSchema = z.object({
  kind: z.literal('segmenter'),
  ...commonFields,
  configuration: segmentationConfigurationSchema,
});

/** What the run of a teacher, a student or both says of itself. */
export type TranslatorRecord = Readonly<z.infer<typeof translatorRecordSchema>>;

/** What the run of a segmenter says of itself. */
export type SegmenterRecord = Readonly<z.infer<typeof segmenterRecordSchema>>;

/** What a run folder says of itself, written before the first update and never changed. */
export type RunRecord = TranslatorRecord | SegmenterRecord;

/** Paths in a run folder; `method` is the name of a method that the run trains. */
export const runPaths = {
  record: (run: string): string => join(run, 'run.json'),
  fingerprint: (run: string): string => join(run, 'data-fingerprint.txt'),
  cache: (run: string): string => join(run, 'cache'),
  training: (run: string, method: string): string => join(run, method),
  samples: (run: string, method: string): string => join(run, method, 'samples'),
  model: (run: string, method: string): string =>
    join(run, method === 'student' ? 'model.onnx' : `${method}.onnx`),
  /** How well a segmenter finds regions in its held-out patients. */
  validation: (run: string): string => join(run, 'validation.json'),
} as const;

/** Writes the record of a new run. @throws UtadError bad-argument when the folder holds a run already; io. */
export async function writeRunRecord(run: string, record: RunRecord): Promise<void> {
  if (!(await writeNewFile(runPaths.record(run), jsonText(record)))) refuseRun(run);
}

/** Whether a folder holds a run. */
export async function isRun(run: string): Promise<boolean> {
  return readFileBytes(runPaths.record(run)).then(
    () => true,
    () => false,
  );
}

/** Refuses a folder that holds a run already. @throws UtadError exists. */
export async function requireNoRun(run: string): Promise<void> {
  await requireOwnFolder(run);
  if (await isRun(run)) refuseRun(run);
}

function refuseRun(run: string): never {
  refuse('exists', {
    where: run,
    problem: 'this folder holds a run already',
    todo: 'Continue it with --resume, or choose another folder.',
  });
}

/**
 * Reads the record of any run.
 *
 * @throws UtadError not-found; bad-file where it is none; not-supported for a run that was begun with an option that was
 *   removed, naming it.
 */
export function readRunRecord(run: string): Promise<RunRecord> {
  const schema = z.union([segmenterRecordSchema, translatorRecordSchema]);
  return readRecord(run, schema, 'a training run', '`utad train --out` or `utad segment train --out`');
}

/** As {@link readRunRecord}, of a run that trains a teacher, a student or both. */
export function readTranslatorRecord(run: string): Promise<TranslatorRecord> {
  return readRecord(run, translatorRecordSchema, 'a training run', '`utad train --out`');
}

/** As {@link readRunRecord}, of a segmenter's run. */
export function readSegmenterRecord(run: string): Promise<SegmenterRecord> {
  return readRecord(run, segmenterRecordSchema, 'a segmenter’s training run', '`utad segment train --out`');
}

const withConfiguration = z.looseObject({ configuration: z.record(z.string(), z.unknown()) });

/** What a run says of itself, also of one that version 0.1.0 began. */
async function readRecord<Kind>(
  run: string,
  schema: z.ZodType<Kind>,
  name: string,
  command: string,
): Promise<Kind> {
  const path = runPaths.record(run);
  const kind = { expected: `the record of ${name}`, todo: `Choose the folder that ${command} made.` };
  const known = await readJsonAs(path, withConfiguration, kind);
  const configuration = convertEarlier(known.configuration, earlierSegmentationFields, path);
  return requireForm({ ...known, configuration }, schema, path, kind);
}
