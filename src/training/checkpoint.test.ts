import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSafetensors } from '../engine/files/safetensors.js';
import { latestCheckpoint, loadCheckpoint, saveBest, saveCheckpoint } from './checkpoint.node.js';
import { modelOf } from './configuration.js';
import { resolveConfiguration } from './presets.js';
import { startTeacher, type TrainingState } from './state.js';

const configuration = resolveConfiguration('tiny', {
  sliceSide: 32,
  features: 2,
  levels: 2,
  criticFeatures: 2,
  averageDecay: 0,
  modalities: ['t1', 't2'],
});
const begun = startTeacher(modelOf(configuration), 1, false);
const after = (iteration: number): TrainingState => ({ ...begun, iteration });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('keeps the last two and the best, and clears away what a killed process had begun', async () => {
  await saveBest(folder, after(1), configuration);
  for (const iteration of [1, 2]) await saveCheckpoint(folder, after(iteration), configuration);
  const left = ['iteration-0000003.safetensors.0123abcd.tmp', 'best.safetensors.01234567.tmp', 'notes.tmp'];
  for (const name of left) await writeFile(join(folder, name), 'half');
  await saveCheckpoint(folder, after(3), configuration);
  expect((await readdir(folder)).sort()).toEqual([
    'best.safetensors',
    'iteration-0000002.safetensors',
    'iteration-0000003.safetensors',
    'notes.tmp',
  ]);
});

it('falls back to the one before when the last is damaged', async () => {
  await writeFile(join(folder, 'iteration-0000004.safetensors'), 'half');
  expect((await latestCheckpoint(folder, configuration))?.iteration).toBe(3);
});

it('refuses a checkpoint whose best validation is no JSON', async () => {
  const metadata = {
    stage: 'teacher',
    iteration: '1',
    generatorUpdates: '0',
    best: '{',
    configuration: '{}',
  };
  const path = join(folder, 'odd.safetensors');
  await writeFile(path, encodeSafetensors(begun.tensors, metadata));
  await expect(loadCheckpoint(path, configuration)).rejects.toThrow(
    /odd\.safetensors: expected a checkpoint of a training, got another safetensors file/,
  );
});
