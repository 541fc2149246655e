import { appendFile, open } from 'node:fs/promises';
import { z } from 'zod';
import type { FailedAttempt } from './retry-policy.js';

const lineSchema = z.union([
  z.object({ begin: z.int() }),
  z.object({ end: z.int(), how: z.enum(['done', 'failed', 'transient', 'fatal', 'stopped']) }),
  z.object({ step: z.int(), done: z.number(), total: z.number() }),
]);

/** What a task notes of its jobs, by their indices. Only the task itself writes to its journal. */
export type TaskLine = Readonly<z.infer<typeof lineSchema>>;

/** Adds a line. A task that is killed may leave half of one, which readers leave out. */
export async function noteInJournal(path: string, line: TaskLine): Promise<void> {
  // The line break comes first: what follows half a line begins on a line of its own.
  await appendFile(path, `\n${JSON.stringify({ ...line, at: new Date().toISOString() })}\n`);
}

/** Reads what a task has noted since `from`. @returns whole lines, and where to read on */
export async function readJournalFrom(
  path: string,
  from: number,
): Promise<{ readonly lines: readonly TaskLine[]; readonly to: number }> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], to: from };
    throw error;
  }
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const end = bytes.subarray(0, bytesRead).lastIndexOf(10) + 1;
    const lines = bytes.toString('utf8', 0, end).split('\n');
    return { lines: lines.flatMap(lineOf), to: from + end };
  } finally {
    await file.close();
  }
}

function lineOf(text: string): TaskLine[] {
  try {
    const found = lineSchema.safeParse(JSON.parse(text));
    return found.success ? [found.data] : [];
  } catch {
    return [];
  }
}

/** What became of a job in one task, from the task's lines. */
export function failedAttemptsIn(lines: readonly TaskLine[], index: number): FailedAttempt[] {
  const failedAttempts: FailedAttempt[] = [];
  let open = false;
  for (const line of lines) {
    if ('begin' in line && line.begin === index) {
      if (open) failedAttempts.push('lost');
      open = true;
    }
    if (!('end' in line) || line.end !== index) continue;
    open = false;
    if (line.how !== 'done') failedAttempts.push(line.how === 'fatal' ? 'transient' : line.how);
  }
  return open ? [...failedAttempts, 'lost'] : failedAttempts;
}
