import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeSafetensors } from '../engine/files/safetensors.js';
import {
  type CheckpointOwner,
  latestCheckpoint,
  loadBest,
  loadCheckpoint,
  saveBest,
  saveCheckpoint,
} from './checkpoint.node.js';
import { initialNetworks } from './networks.js';
import { startState, type TrainingState } from './state.js';

interface Score {
  readonly error: number;
  readonly parts: readonly number[];
}

/** A method of one network of one parameter. */
const method = {
  name: 'line',
  networks: {
    G: [
      { name: 'slope', shape: [2], role: 'weight', initialiser: { kind: 'constant', value: 1 } },
      { name: 'mean', shape: [1], role: 'buffer', initialiser: { kind: 'constant', value: 0 } },
    ],
  },
  frozen: {},
  output: 'G',
  averageDecay: 0.5,
  configuration: { seed: 1 },
  validation: { figuresSchema: z.object({ error: z.number() }) },
} as const satisfies CheckpointOwner<Score>;
const begun = startState(method, initialNetworks(method.networks, 1));
const after = (iteration: number): TrainingState<Score> => ({ ...begun, iteration });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('keeps the last two and the best, and clears away what a killed process had begun', async () => {
  await saveBest(folder, method, after(1));
  for (const iteration of [1, 2]) await saveCheckpoint(folder, method, after(iteration));
  const left = ['iteration-0000003.safetensors.0123abcd.tmp', 'best.safetensors.01234567.tmp', 'notes.tmp'];
  for (const name of left) await writeFile(join(folder, name), 'half');
  await saveCheckpoint(folder, method, after(3));
  expect((await readdir(folder)).sort()).toEqual([
    'best.safetensors',
    'iteration-0000002.safetensors',
    'iteration-0000003.safetensors',
    'notes.tmp',
  ]);
});

it('falls back to the one before when the last is damaged', async () => {
  await writeFile(join(folder, 'iteration-0000004.safetensors'), 'half');
  expect((await latestCheckpoint(folder, method))?.iteration).toBe(3);
});

it('refuses a checkpoint whose best validation is no JSON', async () => {
  const metadata = {
    method: 'line',
    iteration: '1',
    best: '{',
    configuration: '{}',
  };
  const path = join(folder, 'odd.safetensors');
  await writeFile(path, encodeSafetensors(begun.tensors, metadata));
  await expect(loadCheckpoint(path, method)).rejects.toThrow(
    /odd\.safetensors: expected a checkpoint of a training, got another safetensors file/,
  );
});

it('gives back what it was given: networks, average, moments, and the best validation', async () => {
  const state: TrainingState<Score> = { ...after(5), best: { iteration: 4, error: 0.25 } };
  await saveBest(folder, method, state);
  expect(await loadBest(folder, method)).toEqual(state);
  expect(Object.keys(state.tensors)).toEqual([
    'G.slope',
    'G.mean',
    'averageG.slope',
    'averageG.mean',
    'adam.first.G.slope',
    'adam.second.G.slope',
  ]);
});

it.each([
  ['stage', { stage: 'line', generatorUpdates: '1' }],
  ['kind', { kind: 'line' }],
])('reads a checkpoint of version 0.1.0, which names its method as its %s', async (_, named) => {
  const path = join(folder, 'earlier.safetensors');
  const metadata = { ...named, iteration: '3', best: '{"iteration":2,"error":0.5}', configuration: '{}' };
  await writeFile(path, encodeSafetensors(begun.tensors, metadata));
  expect(await loadCheckpoint(path, method)).toEqual({ ...after(3), best: { iteration: 2, error: 0.5 } });
});

it('refuses another method’s checkpoint, missing tensors, and other shapes', async () => {
  const path = join(folder, 'other.safetensors');
  const write = async (tensors: typeof begun.tensors, name = 'line'): Promise<void> => {
    const metadata = { method: name, iteration: '3', best: 'null', configuration: '{}' };
    await writeFile(path, encodeSafetensors(tensors, metadata));
  };
  await write(begun.tensors, 'curve');
  await expect(loadCheckpoint(path, method)).rejects.toThrow(
    'expected a checkpoint of line, got one of curve',
  );
  const { 'averageG.slope': _, ...withoutAverage } = begun.tensors;
  await write(withoutAverage);
  await expect(loadCheckpoint(path, method)).rejects.toThrow(
    'expected a tensor averageG.slope of 2, got none',
  );
  const { 'adam.second.G.slope': __, ...withoutMoment } = begun.tensors;
  await write(withoutMoment);
  await expect(loadCheckpoint(path, method)).rejects.toThrow('a tensor adam.second.G.slope of 2, got none');
  await write({ ...begun.tensors, 'G.slope': begun.tensors['G.mean']! });
  await expect(loadCheckpoint(path, method)).rejects.toThrow('expected a tensor G.slope of 2, got 1');
});
