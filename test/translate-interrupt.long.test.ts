import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/datasets/fingerprint.node.js';
import { writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import type { Triple } from '../src/imaging/volume.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';
import { tinyModelFile } from './fixtures/tiny-model.js';
import { smoothHead } from './fixtures/volumes.js';

const patients = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const size: Triple = [60, 60, 40];

let utad: BuiltUtad;
let data: string;
let options: readonly string[];

beforeAll(async () => {
  utad = await buildUtad();
  data = join(utad.folder, 'data');
  for (const id of patients) {
    await mkdir(join(data, id), { recursive: true });
    await writeVolumeFile(join(data, id, `${id}_t1.nii.gz`), smoothHead(size, [4, 4, 4]));
  }
  options = ['translate', data, '--to', 'missing', '--model', await tinyModelFile(utad.folder)];
});
afterAll(() => utad.remove());

const names = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).sort();
const volumesIn = async (folder: string): Promise<string[]> =>
  (await names(folder)).filter((name) => name.endsWith('.nii.gz'));

/** Starts the work with two jobs and sends a signal once a volume is there. @returns how it ended */
async function stopIn(out: string, signal: NodeJS.Signals): Promise<readonly [number | null, string | null]> {
  const child = utad.start(...options, '--out', out, '--jobs', '2');
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  while ((await volumesIn(out)).length === 0 && child.exitCode === null) await wait(20);
  child.kill(signal);
  return ended;
}

async function summaryOf(out: string): Promise<{ counts: Record<string, number>; kept: number }> {
  const { counts, patients: all } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as {
    counts: Record<string, number>;
    patients: { volumes: { status: string }[] }[];
  };
  return {
    counts,
    kept: all.flatMap(({ volumes }) => volumes).filter(({ status }) => status === 'kept').length,
  };
}

describe('utad translate in several processes', () => {
  it('makes what one process makes, and after an interrupt goes on where it stopped', async () => {
    const [alone, two] = [join(utad.folder, 'alone'), join(utad.folder, 'two')];
    expect((await utad.call(...options, '--out', alone, '--jobs', '1')).status).toBe(0);

    expect(await stopIn(two, 'SIGINT')).toEqual([130, null]);
    const before = await volumesIn(two);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(18);
    expect((await names(two)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await summaryOf(two)).counts['stopped']).toBeGreaterThan(0);

    expect((await utad.call(...options, '--out', two, '--jobs', '2')).status).toBe(0);
    expect((await summaryOf(two)).kept).toBe(before.length);
    for (const name of await volumesIn(alone))
      expect(await fingerprintOf(join(two, name)), name).toBe(await fingerprintOf(join(alone, name)));
  });

  it('after a kill leaves no process behind, and cleans up and goes on', async () => {
    const out = join(utad.folder, 'killed');
    expect(await stopIn(out, 'SIGKILL')).toEqual([null, 'SIGKILL']);
    // Its workers notice that they are alone; then nothing is written any more.
    await wait(3000);
    const left = await names(out);
    await wait(1000);
    expect(await names(out)).toEqual(left);
    const outcome = await utad.call(...options, '--out', out, '--jobs', '2');
    expect(outcome.status, outcome.stderr).toBe(0);
    expect((await volumesIn(out)).length).toBe(18);
    expect((await names(out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
