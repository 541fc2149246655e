import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  requireBest,
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
  configuration: { seed: 1, optimiser: { rate: 0.1 } },
  readConfiguration: (stored: unknown) => stored,
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

it.each([
  ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
  [
    'with a bit of a weight flipped',
    (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
  ],
  ['with its last tensors overwritten', (bytes: Uint8Array) => bytes.fill(1, bytes.length - 12)],
  [
    'with another number in its header',
    (bytes: Uint8Array) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"iteration":"4"', '"iteration":"5"')),
  ],
  [
    'with its checksum gone',
    (bytes: Uint8Array) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"checksum"', '"checksun"')),
  ],
])('falls back to the one before and says so when the last is %s', async (_, damage) => {
  const path = join(folder, 'iteration-0000004.safetensors');
  await saveCheckpoint(folder, method, after(3));
  await saveCheckpoint(folder, method, after(4));
  await writeFile(path, damage(new Uint8Array(await readFile(path))));
  const notices: string[] = [];
  const state = await latestCheckpoint(folder, method, (text) => notices.push(text));
  expect(state).toEqual(after(3));
  expect(notices).toEqual([
    expect.stringMatching(
      /iteration-0000004\.safetensors: .* The checkpoint of iteration 3 is used instead\.$/,
    ),
  ]);
});

it('refuses when no checkpoint is whole, and names the newest', async () => {
  for (const iteration of [5, 6]) {
    await saveCheckpoint(folder, method, after(iteration));
    await writeFile(join(folder, `iteration-000000${iteration}.safetensors`), 'half');
  }
  await expect(latestCheckpoint(folder, method, () => undefined)).rejects.toThrow(
    /iteration-0000006\.safetensors: expected a safetensors file, got 4 bytes/,
  );
});

it('is of one configuration and of the same patients, and names the field that is not', async () => {
  const begun = { ...method, learnsFrom: { trainingCases: ['a', 'b'], labels: undefined } };
  await saveCheckpoint(folder, begun, after(7));
  const load = (owner: object) => latestCheckpoint(folder, { ...begun, ...owner }, () => undefined);
  expect(await load({})).toEqual(after(7));
  await expect(load({ configuration: { seed: 1, optimiser: { rate: 0.2 } } })).rejects.toThrow(
    /iteration-0000007\.safetensors: optimiser\.rate: expected 0\.2, as the run says, got 0\.1\. .*run\.json/,
  );
  await expect(load({ learnsFrom: { trainingCases: ['a'] } })).rejects.toThrow(
    'trainingCases: expected ["a"], as the run says, got ["a","b"].',
  );
});

it('writes a damaged best state again from the checkpoint of its iteration, else refuses', async () => {
  const path = join(folder, 'best.safetensors');
  const state: TrainingState<Score> = { ...after(8), best: { iteration: 8, error: 0.5 } };
  await saveBest(folder, method, state);
  await saveCheckpoint(folder, method, state);
  const whole = await readFile(path);
  const flipped = Uint8Array.from(whole, (byte, i) => (i === whole.length - 3 ? byte ^ 4 : byte));
  const notices: string[] = [];
  await writeFile(path, flipped);
  await requireBest(folder, method, state, (text) => notices.push(text));
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(notices).toEqual([expect.stringMatching(/best\.safetensors: .* was written again from/)]);
  await writeFile(path, flipped);
  const later = { ...state, best: { iteration: 6, error: 0.5 } };
  await expect(requireBest(folder, method, later, () => undefined)).rejects.toThrow(
    /best\.safetensors: this file is damaged.* of iteration 6, and there is no other copy/,
  );
});

it('refuses a checkpoint whose best validation is no JSON', async () => {
  const metadata = {
    method: 'line',
    iteration: '1',
    best: '{',
    configuration: JSON.stringify(method.configuration),
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
  const metadata = {
    ...named,
    iteration: '3',
    best: '{"iteration":2,"error":0.5}',
    configuration: JSON.stringify(method.configuration),
  };
  await writeFile(path, encodeSafetensors(begun.tensors, metadata));
  expect(await loadCheckpoint(path, method)).toEqual({ ...after(3), best: { iteration: 2, error: 0.5 } });
});

it('refuses another method’s checkpoint, missing tensors, and other shapes', async () => {
  const path = join(folder, 'other.safetensors');
  const write = async (tensors: typeof begun.tensors, name = 'line'): Promise<void> => {
    const metadata = {
      method: name,
      iteration: '3',
      best: 'null',
      configuration: JSON.stringify(method.configuration),
    };
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
