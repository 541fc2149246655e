import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, reasonOf, writeFileAtomic } from '../base/files.node.js';
import type { LossValues } from './step.js';
import type { ValidationScore } from './validation.js';

/** One line of the journal: an iteration's losses, or a validation. */
export type JournalLine =
  | {
      readonly kind: 'step';
      readonly iteration: number;
      readonly learningRate: number;
      readonly seconds: number;
      readonly losses: LossValues;
    }
  | { readonly kind: 'validation'; readonly iteration: number; readonly score: ValidationScore };

const iteration = z.int().min(0);
const index = z.int().min(0);
const figures = { ssim: z.number(), mae: z.number() };
const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('step'),
    iteration,
    learningRate: z.number(),
    seconds: z.number(),
    losses: z.record(z.string(), z.number()),
  }),
  z.object({
    kind: z.literal('validation'),
    iteration,
    score: z.object({
      ...figures,
      directions: z.array(z.looseObject({ source: index, target: index, ...figures })),
    }),
  }),
]);

/** Adds a line to the journal. @throws UtadError io. */
export async function appendJournal(path: string, line: JournalLine): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(line)}\n`);
  } catch (cause) {
    fail(
      'io',
      {
        where: path,
        expected: 'to write the journal',
        got: reasonOf(cause),
        todo: 'Free space, then resume.',
      },
      { cause },
    );
  }
}

/** Reads a journal; what is no line of one, such as a last line that a killed process left half-written, is left out. */
export async function readJournal(path: string): Promise<JournalLine[]> {
  const text = new TextDecoder().decode(await readFileBytes(path).catch(() => new Uint8Array()));
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const parsed = lineSchema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data as JournalLine] : [];
    } catch {
      return [];
    }
  });
}

/** Drops the lines after an iteration: what was journalled and not checkpointed will be done again. */
export async function rewindJournal(path: string, iteration: number): Promise<void> {
  const lines = await readJournal(path);
  const kept = lines.filter((line) => line.iteration <= iteration);
  await writeFileAtomic(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
