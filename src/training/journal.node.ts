import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, reasonOf, writeFileAtomic } from '../base/files.node.js';
import type { LossValues } from './program-outputs.js';

/** Where a training's journal lies. */
export const journalPath = (folder: string): string => join(folder, 'journal.jsonl');

/** One line of a journal: an iteration's losses, or a validation. */
export type JournalLine<Score> =
  | {
      readonly kind: 'step';
      readonly iteration: number;
      readonly learningRate: number;
      readonly seconds: number;
      readonly losses: LossValues;
    }
  | { readonly kind: 'validation'; readonly iteration: number; readonly score: Score };

const iteration = z.int().min(0);
const lineSchema = <Score>(score: z.ZodType<Score>) =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('step'),
      iteration,
      learningRate: z.number(),
      seconds: z.number(),
      losses: z.record(z.string(), z.number()),
    }),
    z.object({ kind: z.literal('validation'), iteration, score }),
  ]);

/** Adds a line to the journal, whose folder is there: one that was removed meanwhile is not made anew. @throws UtadError io. */
export async function appendJournal(path: string, line: JournalLine<unknown>): Promise<void> {
  try {
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

/**
 * Reads a journal; what is no line of one, such as a last line that a killed process left half-written, is left out.
 *
 * @param score what a validation says
 */
export async function readJournal<Score>(
  path: string,
  score: z.ZodType<Score>,
): Promise<JournalLine<Score>[]> {
  const schema = lineSchema(score);
  const text = new TextDecoder().decode(await readFileBytes(path).catch(() => new Uint8Array()));
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data as JournalLine<Score>] : [];
    } catch {
      return [];
    }
  });
}

/** What the updates in a journal have taken. */
export function secondsIn(lines: readonly JournalLine<unknown>[]): number {
  return lines.reduce((sum, line) => sum + (line.kind === 'step' ? line.seconds : 0), 0);
}

/** Drops the lines after an iteration: what was journalled and not checkpointed will be done again. */
export async function rewindJournal(path: string, iteration: number): Promise<void> {
  const lines = await readJournal(path, z.looseObject({}));
  const kept = lines.filter((line) => line.iteration <= iteration);
  await writeFileAtomic(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
