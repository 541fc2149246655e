import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { crc32 } from '../base/crc32.js';
import { refuse } from '../base/errors.js';
import { readFileBytes, reasonOf, writeFileAtomic } from '../base/files.node.js';
import { isRecord } from '../base/is-record.js';
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
    await appendFile(path, `${JSON.stringify({ ...line, check: checkOf(line) })}\n`);
  } catch (cause) {
    refuse(
      'io',
      {
        where: path,
        problem: `the journal cannot be written: ${reasonOf(cause)}`,
        todo: 'Free space, then resume.',
      },
      { cause },
    );
  }
}

/** CRC-32 of what a line says but for its time, which is another in each run. */
function checkOf(line: object): string {
  const { seconds: _, check: __, ...rest } = line as Readonly<Record<string, unknown>>;
  return (crc32(new TextEncoder().encode(JSON.stringify(rest)), 0) >>> 0).toString(16).padStart(8, '0');
}

/** The lines of a journal that are whole, as they stand there and as they are read. */
async function linesOf<Score>(
  path: string,
  score: z.ZodType<Score>,
): Promise<{
  readonly whole: readonly { readonly text: string; readonly line: JournalLine<Score> }[];
  readonly damaged: number;
}> {
  const schema = lineSchema(score);
  const text = new TextDecoder().decode(await readFileBytes(path).catch(() => new Uint8Array()));
  const texts = text.split('\n');
  // What follows the last line break was being written by a process that was killed.
  const rest = texts.pop()!;
  const whole = [...texts, rest].flatMap((one) => {
    const line = one === '' ? undefined : lineOf(one, schema);
    return line === undefined ? [] : [{ text: one, line }];
  });
  return {
    whole,
    damaged: texts.filter((one) => one !== '' && lineOf(one, schema) === undefined).length,
  };
}

/** A line; those of version 0.1.0 have no check. */
function lineOf<Score>(
  text: string,
  schema: ReturnType<typeof lineSchema<Score>>,
): JournalLine<Score> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || (json['check'] !== undefined && json['check'] !== checkOf(json))) return undefined;
  const parsed = schema.safeParse(json);
  return parsed.success ? (parsed.data as JournalLine<Score>) : undefined;
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
  return (await linesOf(path, score)).whole.map(({ line }) => line);
}

/** What the updates in a journal have taken. */
export function secondsIn(lines: readonly JournalLine<unknown>[]): number {
  return lines.reduce((sum, line) => sum + (line.kind === 'step' ? line.seconds : 0), 0);
}

/**
 * Drops the lines after an iteration: what was journalled and not checkpointed will be done again. Lines that are damaged
 * go too.
 *
 * @param onNotice is given what a person should know of them
 */
export async function rewindJournal(
  path: string,
  iteration: number,
  onNotice: (text: string) => void,
): Promise<void> {
  const { whole, damaged } = await linesOf(path, z.looseObject({}));
  if (damaged > 0)
    onNotice(`${path}: ${damaged} of ${whole.length + damaged} lines are damaged and left out.`);
  const kept = whole.filter(({ line }) => line.iteration <= iteration).map(({ text }) => `${text}\n`);
  await writeFileAtomic(path, kept.join(''));
}
