import { AsyncLocalStorage } from 'node:async_hooks';
import type { BigIntStats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { refuse } from './errors.js';

/** Whether a file may give way to a new one. @param besideScans it lies in a folder that itself holds inputs */
type MayReplace = (path: string, besideScans: boolean) => Promise<boolean>;

/** What one command reads and must not replace, by identity. */
interface Protected {
  readonly mayReplace: MayReplace;
  readonly files: Map<string, string>;
  /** Folders that hold scans, and the folders of data sets themselves. */
  readonly folders: Map<string, string>;
  /** Folders of data sets, with all that lies below. */
  readonly dataSets: Map<string, string>;
}

const scopes = new AsyncLocalStorage<Protected>();

/**
 * Wraps work so that it never replaces what it reads: whatever the work notes with {@link protectFiles} and
 * {@link protectDataSet} is kept by every function of this project that writes or removes files. Outside of such
 * work nothing is noted and nothing is refused.
 *
 * Files are told apart by device and inode, not by their paths: symbolic and hard links, bind mounts, relative paths
 * and names in another case all lead to the same file.
 *
 * @param mayReplace whether an existing file in a data set may be replaced all the same, such as one that this program
 * wrote itself
 */
export function protectingInputs<Args extends readonly unknown[], Result>(
  mayReplace: MayReplace,
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) =>
    scopes.run({ mayReplace, files: new Map(), folders: new Map(), dataSets: new Map() }, () =>
      work(...args),
    );
}

/** Notes files that are read: nothing replaces them. What is not there is passed over. */
export async function protectFiles(paths: Iterable<string>): Promise<void> {
  const scope = scopes.getStore();
  if (scope) await note(scope.files, paths);
}

/** Notes scans: they and what lies beside them are only replaced by leave of `mayReplace`. */
export async function protectScans(paths: Iterable<string>): Promise<void> {
  const scope = scopes.getStore();
  if (!scope) return;
  const all = new Set(paths);
  await note(scope.files, all);
  const folders = new Set<string>();
  for (const path of all) folders.add((await isFolder(path)) ? path : dirname(path));
  await note(scope.folders, folders);
}

/** Notes the folder of a data set, and its scans wherever they lie. */
export async function protectDataSet(folder: string, scans: Iterable<string>): Promise<void> {
  const scope = scopes.getStore();
  if (!scope) return;
  await note(scope.dataSets, [folder]);
  await note(scope.folders, [folder]);
  await protectScans(scans);
}

/**
 * Refuses to replace or remove an input, or what lies in a data set and is not this program's own.
 *
 * @throws UtadError exists, naming the input.
 */
export async function requireReplaceable(path: string): Promise<void> {
  const scope = scopes.getStore();
  if (!scope || !(await isThere(path))) return;
  const identity = await identityOf(path);
  const input =
    identity && (scope.files.get(identity) ?? scope.folders.get(identity) ?? scope.dataSets.get(identity));
  if (input !== undefined)
    refuse('exists', {
      where: path,
      problem: resolve(input) === resolve(path) ? 'is an input' : `is the input ${input} by another name`,
      todo: 'Inputs are never overwritten: choose another output.',
    });
  const place = await placeOf(path, scope);
  if (place === undefined || (await scope.mayReplace(path, place.besideScans))) return;
  refuse('exists', {
    where: path,
    problem: `exists in the data set ${place.folder} and is not an unchanged output of utad`,
    todo: 'It is not overwritten, even with --force: choose another output, or move it away.',
  });
}

/** Whether a path lies in a data set that is read, or beside a scan; it need not exist yet. */
export async function isAmongInputs(path: string): Promise<boolean> {
  const scope = scopes.getStore();
  return scope !== undefined && (await placeOf(path, scope)) !== undefined;
}

/**
 * Refuses a data set, or a folder of scans, as the folder that results are written to.
 *
 * @throws UtadError exists.
 */
export async function requireOwnFolder(out: string): Promise<void> {
  const scope = scopes.getStore();
  const identity = scope && (await identityOf(out));
  const input = identity === undefined ? undefined : scope?.folders.get(identity);
  if (input === undefined) return;
  refuse('exists', {
    where: out,
    problem:
      resolve(input) === resolve(out) ? 'holds the scans themselves' : `is ${input}, which holds the scans`,
    todo: 'Choose a folder of its own for the results.',
  });
}

/** Whether two paths lead to one file or folder, or would. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = [await identityOf(a), await identityOf(b)];
  return one === undefined || other === undefined ? resolve(a) === resolve(b) : one === other;
}

async function note(known: Map<string, string>, paths: Iterable<string>): Promise<void> {
  await Promise.all(
    [...paths].map(async (path) => {
      const identity = await identityOf(path);
      if (identity !== undefined && !known.has(identity)) known.set(identity, path);
    }),
  );
}

/** The nearest folder of inputs that a path lies in. */
async function placeOf(
  path: string,
  { folders, dataSets }: Protected,
): Promise<{ readonly folder: string; readonly besideScans: boolean } | undefined> {
  let folder = dirname(resolve(path));
  for (; !(await isThere(folder)); folder = dirname(folder)) if (folder === dirname(folder)) return undefined;
  folder = await realpath(folder).catch(() => folder);
  const exists = folder;
  for (let at = folder; ; at = dirname(at)) {
    const identity = await identityOf(at);
    if (identity !== undefined) {
      const direct = at === exists ? folders.get(identity) : undefined;
      if (direct !== undefined) return { folder: direct, besideScans: true };
      const dataSet = dataSets.get(identity);
      if (dataSet !== undefined) return { folder: dataSet, besideScans: false };
    }
    if (at === dirname(at)) return undefined;
  }
}

/** What a file is whatever its name. */
async function identityOf(path: string): Promise<string | undefined> {
  const facts = await stat(path, { bigint: true }).catch((): BigIntStats | undefined => undefined);
  return facts && `${facts.dev}:${facts.ino}`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** Whether something has this path, if only a link that leads nowhere. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
