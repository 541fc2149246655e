import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { jobsBeside } from './job-folder.js';
import { type JobListRecord, readJobList } from './job-list.js';

/** A list and where it lies. */
export interface FoundList {
  readonly folder: string;
  readonly record: JobListRecord;
}

/** Lists at a path: a list's own folder, the folder beside an output, the output itself, or what lies right below. */
export async function findLists(path: string): Promise<readonly FoundList[]> {
  const own = await listAt(path);
  if (own !== undefined) return [own];
  const beside = await listsIn(jobsBeside(path));
  if (beside.length > 0) return beside;
  const direct = await listsIn(path);
  if (direct.length > 0) return direct;
  const below = (await foldersIn(path)).filter((name) => name.endsWith('.jobs'));
  return (await Promise.all(below.map((name) => listsIn(join(path, name))))).flat();
}

/** The lists at a path. @throws UtadError not-found when there are none. */
export async function requireLists(path: string): Promise<readonly FoundList[]> {
  const lists = await findLists(path);
  if (lists.length > 0) return lists;
  return fail('not-found', {
    where: path,
    expected: 'a list of jobs, or an output that one was submitted for',
    got: 'none',
    todo: '`utad jobs list <folder>` says what there is.',
  });
}

async function listsIn(folder: string): Promise<FoundList[]> {
  const found = await Promise.all((await foldersIn(folder)).map((name) => listAt(join(folder, name))));
  return found
    .filter((one) => one !== undefined)
    .sort((a, b) => a.record.created.localeCompare(b.record.created));
}

async function listAt(path: string): Promise<FoundList | undefined> {
  const folder = resolve(path);
  const record = await readJobList(folder);
  return record && { folder, record };
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((one) => one.isDirectory()).map(({ name }) => name);
}
