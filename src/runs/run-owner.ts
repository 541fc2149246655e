import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { fail, refuse, UtadError } from '../base/errors.js';
import { failToWrite, makeFolder, writeFileAtomic, writeNewFile } from '../base/files.node.js';
import { isRunning, type ProcessIdentity, thisProcess } from '../base/process-identity.node.js';
import { removeLeftovers, temporaryPath } from '../base/temporary.node.js';

const ownerSchema = z.object({
  token: z.string(),
  host: z.string(),
  /** Of the process as `ProcessIdentity` has it; 0.1.0 noted host and number alone. */
  machine: z.string().optional(),
  boot: z.string().nullable().optional(),
  installation: z.string().nullable().optional(),
  pid: z.int(),
  started: z.string().nullable().optional(),
  /** Number of the job in a cluster; null outside one. */
  clusterJob: z.string().nullable(),
});

/** Whoever works on a run touches its mark this often… */
const beatMs = 20_000;
/** …and is taken for dead after this, where its process cannot be looked at. */
const deadAfterMs = 120_000;
/** Half a mark is that of a process which is writing it, or of one that was killed then. */
const halfMarkMs = 5000;
/** What other machines have begun to write in a folder that has no living owner is left behind after this. */
const leftBehindMs = 60_000;

/** The right to write to a run. */
export interface RunOwner {
  /** Aborted when another process has taken the run over, or its folder was removed. */
  readonly lost: AbortSignal;
  /** @throws UtadError busy when another process has taken the run over; not-found when its folder was removed. */
  readonly require: () => Promise<void>;
  /** Gives the run up; a folder that was made for it and is still empty goes too. */
  readonly release: () => Promise<void>;
}

/**
 * Does work on the folder of a run or an experiment as its one process, and clears away first what killed ones have left.
 *
 * @param patienceMs how long to wait for another owner to go
 * @throws UtadError busy when another process works on it; what the work threw.
 */
export async function withRun<Result>(
  run: string,
  work: (owner: RunOwner) => Promise<Result>,
  patienceMs = 0,
): Promise<Result> {
  const owner = await ownRun(run, patienceMs);
  try {
    await removeLeftovers(run, leftBehindMs);
    return await work(owner);
  } catch (error) {
    // Whoever has lost the run is told so, whatever it met first.
    if (owner.lost.aborted || (error instanceof UtadError && error.code === 'io')) await owner.require();
    throw error;
  } finally {
    await owner.release();
  }
}

/**
 * Makes this process the only one that works on a run: its journal is one that two would write into each other's.
 *
 * It is a mark with a heartbeat and no lock of the file system: locks are not to be relied on over a network, and a
 * mark outlives a machine that fails. On this machine the process of a mark is looked at, so clocks and suspended processes
 * do not matter. A mark from elsewhere is void when it belongs to an earlier start of this machine or of the same job of a
 * cluster, or when it was not touched for two minutes by the clock of the disk that holds it.
 *
 * @param patienceMs how long to wait for another owner to go
 * @throws UtadError busy when another process works on the run; io when its folder cannot be written.
 */
export async function ownRun(run: string, patienceMs = 0): Promise<RunOwner> {
  const path = join(run, 'owner.json');
  const own: Owner = {
    token: randomUUID(),
    ...thisProcess(),
    clusterJob: process.env['SLURM_JOB_ID'] ?? null,
  };
  const until = performance.now() + patienceMs;
  const made = await makeFolder(run);
  try {
    for (;;) {
      if (await writeNewFile(path, JSON.stringify(own))) break;
      const other = await readMark(path);
      if (other === undefined) continue;
      if (!(await isAlive(path, other, own))) {
        await writeFileAtomic(path, JSON.stringify(own));
        // Of several that take over at once the last one has it.
        await wait(200);
        if ((await readMark(path))?.token === own.token) break;
        continue;
      }
      if (performance.now() >= until) refuseBusy(run, other);
      await wait(Math.min(5000, patienceMs));
    }
    return await heldRun(run, path, own, made);
  } catch (error) {
    await removeEmpty(run, made);
    throw error;
  }
}

/** Beats for a mark until the run is given up. */
async function heldRun(run: string, path: string, own: Owner, made: string | undefined): Promise<RunOwner> {
  const lost = new AbortController();
  // Through this, the beat reaches the mark of this process alone, whoever has taken its place.
  const file = await open(path, 'r+').catch((error: unknown) => failToWrite(path, error));
  const require = async (): Promise<void> => {
    const mark = await readMark(path);
    // What cannot be read for the moment says nothing.
    if (mark?.token === own.token || mark?.token === '') return;
    if (mark !== undefined) refuseBusy(run, mark);
    refuse('not-found', {
      where: run,
      problem: 'the folder, or owner.json in it, was removed while it was worked on',
      todo: 'Nothing more was written there. Start again in a new folder.',
    });
  };
  const beat = setInterval(() => {
    void touch(file, own)
      .then(require)
      .catch((error: unknown) => {
        // A file server that does not answer says nothing about the mark.
        if (error instanceof UtadError && error.code !== 'io') lost.abort(error);
      });
  }, beatMs);
  beat.unref();
  return {
    lost: lost.signal,
    require,
    release: async () => {
      clearInterval(beat);
      const isOwn = (await readMark(path).catch(() => undefined))?.token === own.token;
      await file.close().catch(() => undefined);
      if (isOwn) await rm(path, { force: true }).catch(() => undefined);
      await removeEmpty(run, made);
    },
  };
}

/** Writing the same again gives the mark the time of the disk's own clock, which all machines share. */
async function touch(file: FileHandle, own: Owner): Promise<void> {
  await file.write(JSON.stringify(own), 0);
  await file.sync();
}

type Owner = z.infer<typeof ownerSchema>;

function refuseBusy(run: string, { pid, host }: Pick<ProcessIdentity, 'pid' | 'host'>): never {
  return fail('busy', {
    where: run,
    expected: 'a run that nobody else trains',
    got: `process ${pid} on ${host}, which does`,
    todo: 'Wait until it ends, or stop it.',
  });
}

/**
 * The mark; half of one was being written by a process that ended, and is nobody's.
 *
 * @throws UtadError bad-file when another file has its name.
 */
async function readMark(path: string): Promise<Owner | undefined> {
  const nobody = { token: '', host: '', pid: 0, clusterJob: null };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : nobody;
  }
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch (cause) {
    const start = '{"token":';
    if (start.startsWith(text.slice(0, start.length).replace(/\s/g, ''))) return nobody;
    return refuse(
      'bad-file',
      {
        where: path,
        problem: 'this file is not the mark of a process that works on a run',
        todo: 'Choose another folder, or move the file away.',
      },
      { cause },
    );
  }
}

async function isAlive(path: string, other: Owner, own: Owner): Promise<boolean> {
  if (other.token === '') return (await untouchedMs(path)) < halfMarkMs;
  const isHere = other.machine === undefined ? other.host === own.host : other.machine === own.machine;
  if (isHere) {
    const isOldSelf = other.started === undefined && other.pid === own.pid;
    return !isOldSelf && isRunning(other.pid, other.started ?? null);
  }
  if (other.clusterJob !== null && other.clusterJob === own.clusterJob) return false;
  const isSameMachine =
    other.host === own.host && other.installation != null && other.installation === own.installation;
  if (isSameMachine && other.boot != null && own.boot != null && other.boot !== own.boot) return false;
  return (await untouchedMs(path)) < deadAfterMs;
}

/** For how long a file was not written, by the clock of its disk: those of machines may differ by minutes. */
async function untouchedMs(path: string): Promise<number> {
  const probe = temporaryPath(path);
  try {
    await writeFile(probe, '');
    const [now, then] = [await stat(probe), await stat(path)];
    return now.mtimeMs - then.mtimeMs;
  } catch (error) {
    // It has just gone.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.POSITIVE_INFINITY;
    return failToWrite(path, error);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Removes the folders that were made for a run and hold nothing. @param made the outermost of them */
async function removeEmpty(run: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  try {
    for (let folder = resolve(run); folder.length >= resolve(made).length; folder = dirname(folder))
      await rmdir(folder);
  } catch {
    // Something is in it.
  }
}
