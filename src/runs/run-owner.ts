import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readState, writeState } from '../jobs/state-file.js';

const ownerSchema = z.object({
  token: z.string(),
  host: z.string(),
  pid: z.int(),
  /** Number of the job in a cluster; null outside one. */
  clusterJob: z.string().nullable(),
});

/** Whoever trains a run touches its mark this often… */
const beatMs = 20_000;
/** …and is taken for dead after this, where its process cannot be looked at. */
const deadAfterMs = 120_000;

/** The right to write to a run. */
interface RunOwner {
  /** Aborted when another process has taken the run over. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

/**
 * Makes this process the only one that trains a run: its journal is one that two would write into each other's.
 *
 * It is a mark with a heartbeat and no lock of the file system: locks are not to be relied on over a network, and a
 * mark outlives a machine that fails. A mark is void when its process is gone from this machine, when it belongs to
 * an earlier start of the same job of a cluster, or when it was not touched for two minutes.
 *
 * @param patienceMs how long to wait for another owner to go
 * @throws UtadError busy when another process trains the run.
 */
export async function ownRun(run: string, patienceMs = 0): Promise<RunOwner> {
  const path = join(run, 'owner.json');
  const own = {
    token: randomUUID(),
    host: hostname(),
    pid: process.pid,
    clusterJob: process.env['SLURM_JOB_ID'] ?? null,
  };
  const until = Date.now() + patienceMs;
  await mkdir(run, { recursive: true });
  for (;;) {
    if (await createMark(path, own)) break;
    const other = await readMark(path);
    if (other === undefined) continue;
    if (!(await isAlive(path, other, own))) {
      await writeState(path, own);
      // Of several that take over at once the last one has it.
      await wait(200);
      if ((await readMark(path))?.token === own.token) break;
      continue;
    }
    if (Date.now() >= until) {
      fail('busy', {
        where: run,
        expected: 'a run that nobody else trains',
        got: `process ${other.pid} on ${other.host}, which does`,
        todo: 'Wait until it ends, or stop it.',
      });
    }
    await wait(Math.min(5000, patienceMs));
  }
  const lost = new AbortController();
  const beat = setInterval(() => {
    void readMark(path)
      .then(async (mark) => {
        if (mark?.token === own.token) await utimes(path, new Date(), new Date());
        else lost.abort();
      })
      // A file server that does not answer says nothing about the mark.
      .catch(() => undefined);
  }, beatMs);
  beat.unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(beat);
      if ((await readMark(path).catch(() => undefined))?.token === own.token) await rm(path, { force: true });
    },
  };
}

type Owner = z.infer<typeof ownerSchema>;

/** Puts the mark where there is none. @returns whether there was none */
async function createMark(path: string, own: Owner): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify(own));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The mark; one that cannot be read was being written by a process that ended, and is nobody's. */
async function readMark(path: string): Promise<Owner | undefined> {
  const nobody = { token: '', host: '', pid: 0, clusterJob: null };
  return readState(path, ownerSchema).catch(() => nobody);
}

async function isAlive(path: string, other: Owner, own: Owner): Promise<boolean> {
  const touched = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
  if (Date.now() - touched > deadAfterMs) return false;
  // Half a mark is that of a process which is writing it, or of one that was killed then.
  if (other.token === '') return Date.now() - touched < 5000;
  if (other.clusterJob !== null && other.clusterJob === own.clusterJob && other.pid !== own.pid)
    return other.host === own.host && isRunning(other.pid);
  return other.host !== own.host || (other.pid !== own.pid && isRunning(other.pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
