import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { type TrainingPlan, train } from '../training/loop.node.js';
import { resolveConfiguration } from '../training/presets.js';
import { cycleganMethod } from './cyclegan.js';
import type { TranslationScore } from './translation-score.js';
import type { ValidationSlice } from './validation-slices.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-rival-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const side = 32;
const configuration = resolveConfiguration('tiny', {
  'model.modalities': ['a', 'b', 'c'],
  'model.sliceSide': side,
  'model.baseChannels': 2,
  'model.levels': 2,
  'model.criticBaseChannels': 2,
  'model.criticLayers': 3,
  'schedule.batchSize': 2,
  'schedule.iterations': 4,
  'schedule.checkpointEvery': 1,
});
const pair = { first: 2, second: 0 };
const method = cycleganMethod(configuration, 3, pair);

const read: number[] = [];
const store: SliceStore = {
  fingerprint: 'noise',
  count: 12,
  side,
  entries: Array.from({ length: 12 }, (_, i) => ({
    caseId: `p${i}`,
    modality: i % 3,
    slice: 0,
    hasTumour: false,
  })),
  ranges: [],
  read: (index) => {
    read.push(index);
    const random = createRandom('slice', index);
    return {
      image: Float32Array.from({ length: side * side }, () => 2 * random.uniform() - 1),
      mask: new Uint8Array(side * side),
      brain: new Uint8Array(side * side).fill(1),
    };
  },
  contextSlices: 0,
  readContextSlice: (index) => store.read(index),
  close: () => undefined,
};

function plan(name: string, stopAfter?: number): TrainingPlan<TranslationScore, readonly ValidationSlice[]> {
  const stop = new AbortController();
  return {
    method,
    held: null,
    folder: join(folder, name),
    store,
    runtime: createNodeRuntime('cpu', { threads: 1 }),
    observer: {
      onBegin: () => undefined,
      onNotice: () => undefined,
      onStep: (_, iteration) => (iteration === stopAfter ? stop.abort() : undefined),
      onValidation: async () => undefined,
    },
    signal: stop.signal,
    now: () => 0,
    startedAt: null,
  };
}

it('trains a pair from slices of its two modalities, half of a batch each, and resumes bit-equal', async () => {
  const whole = await train(plan('whole'));
  expect(whole).toMatchObject({ method: 'cyclegan c a', iteration: 4, best: null });
  const drawn = [...new Set(read)].map((index) => index % 3);
  expect(new Set(drawn)).toEqual(new Set([0, 2]));
  // In each batch the pair's first modality comes first. A slice that is its own truth is read twice in a row.
  const once = read.filter((index, i) => index !== read[i - 1]);
  expect(once.map((index) => index % 3)).toEqual([2, 0, 2, 0, 2, 0, 2, 0]);

  await expect(train(plan('parts', 2))).rejects.toThrow('cyclegan c a: stopped after iteration 2 of 4');
  const resumed = await train(plan('parts'));
  expect(resumed.tensors).toEqual(whole.tensors);
  // Finished: nothing is done again.
  read.length = 0;
  expect((await train(plan('parts'))).iteration).toBe(4);
  expect(read).toEqual([]);
});

it('refuses another network’s checkpoint, and a batch that cannot be halved', async () => {
  const other = cycleganMethod(
    { ...configuration, model: { ...configuration.model, baseChannels: 3 } },
    3,
    pair,
  );
  await expect(train({ ...plan('whole'), method: other })).rejects.toThrow(
    /iteration-\d+\.safetensors: model\.baseChannels: expected 3, as the run says, got 2\./,
  );
  const odd = { ...configuration, schedule: { ...configuration.schedule, batchSize: 3 } };
  expect(() => cycleganMethod(odd, 1, pair)).toThrow('batchSize: expected an even number for CycleGAN');
});
