import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { refuseDamaged, sha256Of } from '../base/checksum.node.js';
import { fail, refuse } from '../base/errors.js';
import { makeFolder, replaceFile, writeFileAtomic } from '../base/files.node.js';
import { shellLine } from '../base/shell-word.js';
import { temporaryFolder } from '../base/temporary.node.js';
import type { Job } from './job.js';
import { jobPaths } from './job-folder.js';
import { readState, writeState } from './state-file.js';

/** More jobs than this are no list of ours. */
export const mostJobs = 1e7;

const listSchema = z.object({
  format: z.literal(1),
  /** What the list is of, in a word. */
  name: z.string(),
  /** The command that laid it down, to call it again. */
  command: z.object({ arguments: z.array(z.string()), folder: z.string() }),
  /** SHA-256 of the jobs: the same command on the same data has the same. */
  sha256: z.string(),
  count: z.int().min(0).max(mostJobs),
  codeVersion: z.string(),
  created: z.string(),
});

/** What a list of jobs says of itself. */
export type JobListRecord = Readonly<z.infer<typeof listSchema>>;

/** See {@link jobPaths}.cancelled: rounds up to this one are not to be followed by another. */
export const cancelledSchema = z.object({ round: z.int(), at: z.string() });

const linesAtOnce = 1000;

/** Reads what a folder says of its list; nothing where it has none. */
export async function readJobList(folder: string): Promise<JobListRecord | undefined> {
  return readState(jobPaths.list(folder), listSchema);
}

/** Whether what comes of a list was written, or the list was given up: the next call begins another. */
export async function isFinalised(folder: string): Promise<boolean> {
  return (await readState(jobPaths.finalised(folder), z.object({}))) !== undefined;
}

/**
 * The folder of a list: the latest of its name where that is the same list and not finalised, else a new one.
 *
 * Lists are numbered. A new one is laid down whole beside them and then renamed: of several processes that do so at once one
 * gets the number, and the others find its list there.
 *
 * @param parent the folder that holds the lists of one output
 * @throws UtadError bad-argument when another list is unfinished there.
 */
export async function openJobList(
  parent: string,
  name: string,
  jobs: readonly Job[],
  about: Pick<JobListRecord, 'command' | 'codeVersion'>,
): Promise<string> {
  const lines = jobs.map((job) => `${JSON.stringify(job)}\n`);
  const hash = createHash('sha256').update(`${about.codeVersion}\n`);
  for (const line of lines) hash.update(line);
  const sha256 = hash.digest('hex');
  await makeFolder(parent);
  const draft = temporaryFolder(join(parent, name));
  try {
    for (let written = false; ; ) {
      const { going, numbers } = await findList(parent, name, sha256);
      if (going !== null) return going;
      if (!written)
        await layDown(draft, lines.map(checkedLine), {
          format: 1,
          name,
          ...about,
          sha256,
          count: jobs.length,
          created: now(),
        });
      written = true;
      const folder = join(parent, `${name}-${(numbers.at(-1) ?? 0) + 1}`);
      if (!(await renameToNew(draft, folder))) continue;
      // The one before is kept, older ones are not.
      for (const old of numbers.slice(0, -1))
        await rm(join(parent, `${name}-${old}`), { recursive: true, force: true });
      return folder;
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const now = (): string => new Date().toISOString();

/**
 * The list that is going on, and the numbers that are taken.
 *
 * @throws UtadError bad-argument when another list is unfinished.
 */
async function findList(
  parent: string,
  name: string,
  sha256: string,
): Promise<{ going: string | null; numbers: readonly number[] }> {
  const numbers = await numbersOf(parent, name);
  const latest = join(parent, `${name}-${numbers.at(-1)}`);
  if (numbers.length === 0 || (await isFinalised(latest))) return { going: null, numbers };
  const found = await readJobList(latest);
  if (found?.sha256 === sha256) return { going: latest, numbers };
  // Another list that was cancelled is over.
  const cancelled = await readState(jobPaths.cancelled(latest), cancelledSchema);
  if (found !== undefined && cancelled === undefined) {
    refuse('busy', {
      where: latest,
      problem: `jobs of another command are unfinished: ${found.count} of \`${shellLine(['utad', ...found.command.arguments])}\``,
      todo: `Finish them with \`utad jobs resume ${latest}\`, or end them with \`utad jobs cancel\`.`,
    });
  }
  return { going: null, numbers };
}

/** Writes a list and the folders of what will come of it. @throws UtadError io. */
async function layDown(folder: string, lines: readonly string[], record: JobListRecord): Promise<void> {
  await mkdir(folder);
  await writeFileAtomic(jobPaths.offsets(folder), offsetsOf(lines));
  await replaceFile(jobPaths.jobs(folder), async (file) => {
    // By pieces: a string cannot be as long as a large list.
    for (let at = 0; at < lines.length; at += linesAtOnce)
      await file.writeFile(lines.slice(at, at + linesAtOnce).join(''));
  });
  for (const part of ['rounds', 'journals', 'logs', 'outcomes']) await mkdir(join(folder, part));
  await writeState(jobPaths.list(folder), record);
}

/** Renames a folder; false where the name is taken by one that is not empty. */
async function renameToNew(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Numbers of the lists of a name, ascending. */
async function numbersOf(parent: string, name: string): Promise<number[]> {
  return (await readdir(parent))
    .filter((entry) => entry.startsWith(`${name}-`) && /^\d+$/.test(entry.slice(name.length + 1)))
    .map((entry) => Number(entry.slice(name.length + 1)))
    .sort((a, b) => a - b);
}

/** Where each line begins and where the last ends, in bytes, as little-endian 64-bit floats: a job is read alone. */
function offsetsOf(lines: readonly string[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * (lines.length + 1)));
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    offset += Buffer.byteLength(line);
    bytes.setFloat64(8 * (index + 1), offset, true);
  }
  return new Uint8Array(bytes.buffer);
}

const checkDigits = 16;
const checkMark = ',"check":"';

/** A job's line with the start of its SHA-256 as its last field. */
function checkedLine(line: string): string {
  const text = line.trimEnd();
  return `${text.slice(0, -1)}${checkMark}${sha256Of(text).slice(0, checkDigits)}"}\n`;
}

/** @throws UtadError bad-file when the line is not as it was written. */
function jobOf(line: string, where: string): Job {
  const text = line.trimEnd();
  const at = text.length - checkMark.length - checkDigits - 2;
  const isChecked = text.startsWith(checkMark, at);
  if (isChecked && checkedLine(`${text.slice(0, at)}}`) !== `${text}\n`) refuseDamaged(where);
  try {
    return JSON.parse(isChecked ? `${text.slice(0, at)}}` : text) as Job;
  } catch {
    return refuseDamaged(where);
  }
}

/** Reads some jobs of a list, and no more of the file than these. @throws UtadError bad-file. */
export async function readJobs(folder: string, indices: readonly number[]): Promise<readonly Job[]> {
  const offsets = await open(jobPaths.offsets(folder), 'r');
  const jobs = await open(jobPaths.jobs(folder), 'r');
  try {
    const found: Job[] = [];
    for (const index of indices) {
      const ends = new DataView(new ArrayBuffer(16));
      await offsets.read(ends, 0, 16, 8 * index);
      const [start, end] = [ends.getFloat64(0, true), ends.getFloat64(8, true)];
      const line = Buffer.alloc(Math.max(0, end - start));
      const { bytesRead } = await jobs.read(line, 0, line.length, start);
      if (end <= start || bytesRead !== line.length) {
        const got = `${bytesRead} bytes of job ${index}`;
        fail('bad-file', { where: jobPaths.jobs(folder), expected: `${end - start} bytes`, got });
      }
      found.push(jobOf(line.toString('utf8'), `${jobPaths.jobs(folder)}, job ${index}`));
    }
    return found;
  } finally {
    await offsets.close();
    await jobs.close();
  }
}
