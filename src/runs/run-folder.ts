import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
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
  await writeFileAtomic(runPaths.record(run), `${JSON.stringify(record, null, 2)}\n`);
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

/** Reads the record of a run. @throws UtadError not-found or bad-file. */
export async function readRunRecord(run: string): Promise<RunRecord> {
  const path = runPaths.record(run);
  const bytes = await readFileBytes(path);
  try {
    return runRecordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    return fail(
      'bad-file',
      {
        where: path,
        expected: 'the record of a training run',
        got: 'something else',
        todo: 'Choose the folder that `utad train --out` made.',
      },
      { cause },
    );
  }
}
