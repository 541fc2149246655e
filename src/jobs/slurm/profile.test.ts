import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { batchScript, logPattern } from './batch-script.js';
import { readSlurmProfile, type SlurmProfile, slurmProfileSchema } from './profile.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-profile-'));
afterAll(() => rm(folder, { recursive: true }));

async function read(fields: object): Promise<SlurmProfile> {
  const path = join(folder, 'profile.json');
  await writeFile(path, JSON.stringify(fields));
  return readSlurmProfile(path);
}

describe('a profile', () => {
  it('may be empty', async () => {
    expect(await read({})).toMatchObject({ cpus: 1, gpus: 0, tasks: 1000, attempts: 3, workers: 1 });
  });

  it.each([
    [{ partion: 'gpu' }, /partion: there is no such field\. Did you mean partition\?/],
    [{ time: 'a day' }, /time: expected minutes, hours:minutes:seconds.*, got "a day"/],
    [{ memory: '8 GB' }, /memory: expected .*, got "8 GB"/],
    [{ cpus: 0 }, /cpus: expected a number of at least 1, got 0/],
    [{ setup: ['module load x\nrm -r /'] }, /setup\.0: expected one line of text/],
  ])('is refused with %j', async (fields, message) => {
    await expect(read(fields)).rejects.toThrow(message);
  });
});

describe('the script of a round', () => {
  it('asks for what the profile says, and runs the program in the place of the shell', () => {
    const profile = slurmProfileSchema.parse({
      partition: 'gpu',
      time: '1-12:00:00',
      memory: '8G',
      cpus: 4,
      gpus: 1,
      atOnce: 50,
      sbatch: ['--constraint=a100'],
      setup: ['module load node/20'],
      program: ['/opt/it’s here/utad'],
    });
    const request = { folder: "/data/o'brien.jobs/work-1", round: 2, tasks: 30, name: 'utad-x-2' };
    const script = batchScript(profile, request).split('\n');
    expect(script[0]).toBe('#!/bin/bash');
    for (const line of [
      '#SBATCH --job-name=utad-x-2',
      '#SBATCH --array=0-29%50',
      '#SBATCH --partition=gpu',
      '#SBATCH --time=1-12:00:00',
      '#SBATCH --mem=8G',
      '#SBATCH --cpus-per-task=4',
      '#SBATCH --gres=gpu:1',
      '#SBATCH --signal=B:USR1@90',
      '#SBATCH --requeue',
      '#SBATCH --constraint=a100',
      'module load node/20',
    ])
      expect(script).toContain(line);
    expect(script.at(-2)).toBe(
      `exec '/opt/it’s here/utad' jobs work '/data/o'\\''brien.jobs/work-1' --round 2 --task "$SLURM_ARRAY_TASK_ID"`,
    );
    expect(script.join()).not.toMatch(/account|qos/);
  });

  it('lets a folder have a % in its name', () => {
    expect(logPattern('/50%/x.jobs/work-1', 1)).toBe('/50%%/x.jobs/work-1/logs/001-%a.log');
  });
});
