import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { loadBest } from '../training/checkpoint.node.js';
import { train as runTraining } from '../training/loop.node.js';
import type { TrainingState } from '../training/state.js';
import { segmentationBatch, sliceRows } from './segmenter-batches.js';
import { resolveSegmentationConfiguration, segmenterOf } from './segmenter-configuration.js';
import { segmenterMethod } from './segmenter-method.js';
import type { SegmentationScore, ValidationPatient } from './segmenter-validation.js';

const side = 32;
const pixels = side * side;
const configuration = resolveSegmentationConfiguration('tiny', {
  'model.modalities': ['a', 'b'],
  'model.regions': ['whole', 'core'],
  'model.sliceSide': side,
  'model.baseChannels': 4,
  'model.levels': 2,
  'schedule.batchSize': 4,
  'schedule.iterations': 100,
  // Ends near a Dice of 1, so that rounding decides nothing.
  'optimiser.learningRate': 0.03,
  'schedule.checkpointEvery': 3,
  'validation.every': 25,
});
const model = segmenterOf(configuration);

/** A square with a smaller one in it, somewhere; a is bright in the larger, b in the smaller. */
function squares(key: string | number) {
  const random = createRandom('squares', key);
  const [row, column] = [random.integer(16), random.integer(16)];
  const inside = (p: number, margin: number): boolean => {
    const [y, x] = [Math.floor(p / side) - row, (p % side) - column];
    return Math.min(y, x) >= margin && Math.max(y, x) < 16 - margin;
  };
  const image = (margin: number): Float32Array =>
    Float32Array.from({ length: pixels }, (_, p) => (inside(p, margin) ? 0.8 : -0.4) + 0.1 * random.normal());
  const mask = Uint8Array.from({ length: pixels }, (_, p) => (inside(p, 0) ? 1 : 0) + (inside(p, 4) ? 2 : 0));
  return { images: [image(0), image(4)], mask };
}

/** 12 slices in both modalities; the last lacks b. */
const store: SliceStore = {
  fingerprint: 'test',
  count: 23,
  side,
  entries: Array.from({ length: 23 }, (_, i) => ({
    caseId: `c${Math.floor(i / 2) % 3}`,
    modality: i % 2,
    slice: Math.floor(i / 6),
    hasTumour: true,
  })),
  ranges: [],
  read: (index) => {
    const { images, mask } = squares(Math.floor(index / 2));
    return { image: images[index % 2]!, mask, brain: new Uint8Array(pixels).fill(1) };
  },
  contextSlices: 0,
  readContextSlice: (index) => store.read(index),
  close: () => undefined,
};

const validation: ValidationPatient[] = ['v1', 'v2'].map((id) => {
  const { images, mask } = squares(id);
  return { id, image: Float32Array.from([...images[0]!, ...images[1]!]), regions: mask, count: 1 };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-segmenter-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function train(
  name: string,
  stopAfter = Number.POSITIVE_INFINITY,
  held: readonly ValidationPatient[] = validation,
): Promise<{ state: TrainingState<SegmentationScore>; scores: number[] }> {
  const stop = new AbortController();
  const scores: number[] = [];
  const state = await runTraining({
    method: segmenterMethod(configuration),
    folder: join(folder, name),
    store,
    held,
    runtime: createNodeRuntime('cpu', { threads: 1 }),
    signal: stop.signal,
    now: () => 0,
    startedAt: null,
    observer: {
      onBegin: () => undefined,
      onNotice: () => undefined,
      onStep: (_, iteration) => {
        if (iteration >= stopAfter) stop.abort();
      },
      onValidation: async (_, __, { text }) => void scores.push(Number(/^dice (\S+) /.exec(text)![1])),
    },
  });
  return { state, scores };
}

describe('training a segmenter', () => {
  it('learns to find regions, and keeps the state that found them best', async () => {
    const { state, scores } = await train('whole');
    expect(scores).toHaveLength(4);
    expect(scores.at(-1)).toBeGreaterThan(0.8);
    expect(state.best?.dice).toBeCloseTo(Math.max(...scores), 3);
    const best = await loadBest(join(folder, 'whole'), segmenterMethod(configuration));
    expect(best.iteration).toBe(state.best!.iteration);
  });

  it('is bit-equal when it was stopped and resumed', async () => {
    const { state: whole } = await train('whole');
    await expect(train('parts', 13)).rejects.toThrow(
      'segmenter: stopped after iteration 13 of 100; the state is saved, continue with --resume.',
    );
    const { state: parts } = await train('parts');
    expect(parts.best).toEqual(whole.best);
    for (const [name, { data }] of Object.entries(whole.tensors))
      expect(parts.tensors[name]!.data, name).toEqual(data);
    const journals = ['whole', 'parts'].map((name) => readFile(join(folder, name, 'journal.jsonl'), 'utf8'));
    const [one, other] = await Promise.all(journals);
    expect(other).toBe(one);
  });

  it('chooses nothing where nobody is held out', async () => {
    const { state } = await train('alone', Number.POSITIVE_INFINITY, []);
    expect(state.best).toBeNull();
    expect((await readdir(join(folder, 'alone'))).sort()).toEqual([
      'iteration-0000099.safetensors',
      'iteration-0000100.safetensors',
      'journal.jsonl',
    ]);
  });

  it('refuses a checkpoint of another configuration', async () => {
    await train('whole');
    const other = { ...configuration, model: { ...configuration.model, baseChannels: 5 } };
    await expect(loadBest(join(folder, 'whole'), segmenterMethod(other))).rejects.toThrow(
      /best\.safetensors: model\.baseChannels: expected 5, as the run says, got 4\./,
    );
  });
});

describe('batches of a segmenter', () => {
  const rows = sliceRows(store, 2);
  const options = { seed: 1, iteration: 0, modalityDropout: 0, mirror: false };
  const batchOf = (iteration: number, modalityDropout: number) =>
    segmentationBatch(store, rows, model, { ...options, iteration, modalityDropout });
  const isThere = (image: Float32Array, n: number, m: number): boolean =>
    image.subarray((2 * n + m) * pixels, (2 * n + m + 1) * pixels).some((value) => value !== -1);

  it('hold every slice with all modalities that it has, and its regions apart', () => {
    expect(rows).toHaveLength(12);
    const { image, truth } = batchOf(0, 0);
    rows.forEach((row, n) => {
      expect(row.map((index) => index !== undefined)).toEqual([0, 1].map((m) => isThere(image!.data, n, m)));
    });
    const { mask } = squares(0);
    expect([...truth!.data.subarray(0, pixels)]).toEqual([...mask].map((bits) => bits & 1));
    expect([...truth!.data.subarray(pixels, 2 * pixels)]).toEqual([...mask].map((bits) => bits >> 1));
  });

  it('leave modalities out by chance and never all of a slice', () => {
    let [there, both] = [0, 0];
    for (let iteration = 0; iteration < 40; iteration++) {
      const { image } = batchOf(iteration, 0.5);
      for (let n = 0; n < 11; n++) {
        const present = [0, 1].filter((m) => isThere(image!.data, n, m)).length;
        expect(present).toBeGreaterThan(0);
        there += present;
        both += present === 2 ? 1 : 0;
      }
    }
    // 440 slices: both stay in a quarter, else one does.
    expect(both / 440).toBeGreaterThan(0.18);
    expect(both / 440).toBeLessThan(0.32);
    expect(there / 440).toBeCloseTo(1 + both / 440, 10);
  });
});

it('names what is wrong in a configuration', () => {
  const resolve = (overrides: object) => () => resolveSegmentationConfiguration('tiny', { ...overrides });
  expect(resolve({ 'data.modalityDropuot': 0.2 })).toThrow(
    'segmentation configuration: data.modalityDropuot: there is no such field. Did you mean data.modalityDropout?',
  );
  expect(resolve({ 'model.levels': 6 })).toThrow('sliceSide: expected a multiple of 64 from 128, got 64.');
  expect(resolve({ 'model.regions': ['a', 'a'] })).toThrow('regions: expected different names, got a, a.');
  expect(resolve({ 'losses.dice': 0, 'losses.crossEntropy': 0 })).toThrow(
    'losses: expected at least one above 0',
  );
});
