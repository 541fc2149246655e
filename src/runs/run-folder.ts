import { readJsonAs, requireForm, writeJson } from '../base/json.node.js';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { withoutRemovedOptions } from '../model/removed-options.js';
import { trainingConfigurationSchema } from '../training/configuration.js';
import type { Stage } from '../training/update-setup.js';

const labelConventionSchema = z.object({
  name: z.string(),
  regions: z.record(z.string(), z.union([z.literal('any'), z.array(z.number())])),
  target: z.string(),
  others: z.array(z.number()),
});

/** What every run says of the data that it learns from. */
export const recordedDataFields = {
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

const runRecordSchema = z.object({
  format: z.literal(1),
  /** When the run began, ISO 8601. */
  created: z.string(),
  codeVersion: z.string(),
  /** Hash of the program's own files: versions alone do not tell two states of the code apart. */
  codeFingerprint: z.string().optional(),
  ...recordedDataFields,
  configuration: trainingConfigurationSchema,
  /** What each training case contributes. */
  assignment: z.record(z.string(), z.array(z.string())),
  stages: z.enum(['teacher', 'student', 'both']),
  /** Run whose best teacher the student learns from, where the run has no teacher of its own. */
  teacherRun: z.string().nullable(),
  /** Training cases of that run: the student learns from them too, through its teacher. */
  teacherCases: z.array(z.string()).optional(),
});

/** What a run folder says of itself, written before the first update and never changed. */
export type RunRecord = Readonly<z.infer<typeof runRecordSchema>>;

/** Paths in a run folder. */
export const runPaths = {
  record: (run: string): string => join(run, 'run.json'),
  fingerprint: (run: string): string => join(run, 'data-fingerprint.txt'),
  cache: (run: string): string => join(run, 'cache'),
  stage: (run: string, stage: Stage): string => join(run, stage),
  journal: (run: string, stage: Stage): string => join(run, stage, 'journal.jsonl'),
  samples: (run: string, stage: Stage): string => join(run, stage, 'samples'),
  model: (run: string, stage: Stage): string =>
    join(run, stage === 'student' ? 'model.onnx' : 'teacher.onnx'),
} as const;

/** Writes the record of a new run. @throws UtadError io. */
export async function writeRunRecord(run: string, record: RunRecord): Promise<void> {
  await writeJson(runPaths.record(run), record);
}

/** Whether a folder holds a run. */
export async function isRun(run: string): Promise<boolean> {
  return readFileBytes(runPaths.record(run)).then(
    () => true,
    () => false,
  );
}

/** Refuses a folder that holds a run already. @throws UtadError bad-argument. */
export async function requireNoRun(run: string): Promise<void> {
  if (!(await isRun(run))) return;
  fail('bad-argument', {
    where: run,
    expected: 'a folder without a run',
    got: 'one with a run',
    todo: 'Continue it with --resume, or choose another folder.',
  });
}

const withConfiguration = z.looseObject({ configuration: z.record(z.string(), z.unknown()) });

/** Reads the record of a run. @throws UtadError as {@link readRecord}. */
export function readRunRecord(run: string): Promise<RunRecord> {
  return readRecord(
    run,
    runRecordSchema,
    'the record of a training run',
    'Choose the folder that `utad train --out` made.',
  );
}

/**
 * Reads what a run says of itself, also of a run that version 0.1.0 began.
 *
 * @throws UtadError not-found; bad-file where it is not of this kind; not-supported for a run that was begun with an
 *   option that was removed, naming it.
 */
export async function readRecord<Schema extends z.ZodType>(
  run: string,
  schema: Schema,
  expected: string,
  todo: string,
): Promise<z.infer<Schema>> {
  const path = runPaths.record(run);
  const kind = { expected, todo };
  const known = await readJsonAs(path, withConfiguration, kind);
  const configuration = withoutRemovedOptions(known.configuration, path);
  return requireForm({ ...known, configuration }, schema, path, kind);
}
