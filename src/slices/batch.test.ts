import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHeadPatients } from '../../test/fixtures/head-patients.js';
import { defaultRecipe } from '../imaging/recipe.js';
import type { Assignment } from './assignment.js';
import { assembleBatch, type Counterpart, counterpartsIn } from './batch.js';
import { batchIndices } from './sampler.js';
import { prepareSliceStore } from './slice-store.node.js';

const modalities = ['t1', 't2'];
const recipe = defaultRecipe(32);
let folder: string;
let assignments: readonly Assignment[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-batch-'));
  const cases = await writeHeadPatients(join(folder, 'data'));
  assignments = [
    { case: cases[0]!, modalities: ['t1'] },
    { case: cases[1]!, modalities: ['t2'] },
  ];
});
afterAll(() => rm(folder, { recursive: true }));

const make = (options: { contextSlices?: number; minimumBrainFraction?: number } = {}) =>
  prepareSliceStore(join(folder, 'store'), assignments, recipe, { modalities, ...options });

describe('assembleBatch', () => {
  it('gives neighbouring slices, moved and regraded as their slice is', async () => {
    const store = await make({ contextSlices: 1, minimumBrainFraction: 0.03 });
    const [bottom, middle] = [0, 3];
    const options = { seed: 1, iteration: 0, modalityCount: 2 };
    const plane = (values: Float32Array, n: number): Float32Array => values.slice(1024 * n, 1024 * (n + 1));
    const asIs = assembleBatch(store, [bottom, middle], { ...options, contextSlices: 1 });
    expect(asIs.contextSlices).toHaveLength(4 * 1024);
    expect(plane(asIs.contextSlices, 0)).toEqual(store.readContextSlice(bottom, -1).image);
    expect(plane(asIs.contextSlices, 1)).toEqual(store.read(bottom + 1).image);
    expect(plane(asIs.contextSlices, 2)).toEqual(store.read(middle - 1).image);
    expect(plane(asIs.contextSlices, 3)).toEqual(store.read(middle + 1).image);
    const without = assembleBatch(store, [bottom, middle], options);
    expect(without).toEqual({ ...asIs, contextSlices: new Float32Array(0) });

    // A context slice that is the slice itself shows that both are varied alike.
    const still = { ...store, readContextSlice: (index: number) => store.read(index) };
    const augmentation = { rotationDegrees: 20, zoom: 0.2, shift: 0.1, gamma: 0.3, gain: 0.3 };
    const varied = assembleBatch(still, [bottom, middle], {
      ...options,
      contextSlices: 1,
      mirror: true,
      augmentation,
    });
    expect(plane(varied.image, 0)).not.toEqual(plane(asIs.image, 0));
    for (const n of [0, 1])
      for (const p of [0, 1]) expect(plane(varied.contextSlices, 2 * n + p)).toEqual(plane(varied.image, n));
    expect(() => assembleBatch(store, [0], { ...options, contextSlices: 2 })).toThrow('up to 1 slices away');
    store.close();
  });

  it('gives a network of any sources some of the other slices of the patient, never the target', async () => {
    const both = assignments.map((one) => ({ ...one, modalities }));
    const store = await prepareSliceStore(join(folder, 'any'), both, recipe, { modalities, aligned: true });
    const counterpart = counterpartsIn(store);
    const indices = Array.from({ length: store.count }, (_, i) => i);
    // A third modality that nobody has is asked for by some.
    const common = { seed: 1, modalityCount: 3, targets: 'other', anySource: true, counterpart } as const;
    const pixels = store.side ** 2;
    const counts = new Map<string, number>();
    for (const iteration of [0, 1, 2]) {
      const batch = assembleBatch(store, indices, { ...common, iteration });
      expect(assembleBatch(store, indices, { ...common, iteration })).toEqual(batch);
      indices.forEach((index, n) => {
        const row = (values: Float32Array): number[] => [...values.subarray(3 * n, 3 * n + 3)];
        const [present, source, target] = [batch.present, batch.source, batch.target].map(row);
        expect(present![source!.indexOf(1)]).toBe(1);
        expect(present![target!.indexOf(1)]).toBe(0);
        present!.forEach((there, modality) => {
          const plane = batch.sources.subarray((3 * n + modality) * pixels, (3 * n + modality + 1) * pixels);
          const place = modality === source!.indexOf(1) ? index : counterpart(index, modality);
          const expected = there ? store.read(place!).image : new Float32Array(pixels).fill(-1);
          expect(plane).toEqual(expected);
        });
        const key = `${target!.indexOf(1) === 2 ? 'two' : 'one'} there, ${present!.filter(Boolean).length} given`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      });
    }
    expect([...counts.keys()].sort()).toEqual([
      'one there, 1 given',
      'two there, 1 given',
      'two there, 2 given',
    ]);
    const plain = assembleBatch(store, indices, { ...common, anySource: false, iteration: 0 });
    expect([plain.sources.length, plain.present.length]).toEqual([0, 0]);
    // What else is drawn does not depend on it.
    const any = assembleBatch(store, indices, { ...common, iteration: 0 });
    expect({ ...any, sources: plain.sources, present: plain.present }).toEqual(plain);
    store.close();
  });

  it('makes masks wrong where it is asked to, the same for the same iteration', async () => {
    const store = await make();
    const indices = Array.from({ length: store.count }, (_, i) => i);
    const options = { seed: 1, iteration: 0, modalityCount: 2, pixelMm: 8 };
    const asIs = assembleBatch(store, indices, options);
    const jittered = { ...options, maskJitter: { boundaryMm: 16, shiftMm: 16 } };
    const batch = assembleBatch(store, indices, jittered);
    expect(batch.image).toEqual(asIs.image);
    expect(batch.mask).not.toEqual(asIs.mask);
    expect(assembleBatch(store, indices, jittered)).toEqual(batch);
    expect(assembleBatch(store, indices, { ...jittered, iteration: 1 }).mask).not.toEqual(batch.mask);
    store.close();
  });

  it('reads slices and asks for a permutation of their modalities', async () => {
    const store = await make();
    const { indices } = batchIndices({ seed: 1, iteration: 2, batchSize: 4, count: store.count });
    const options = { seed: 1, iteration: 2, modalityCount: 2 };
    const batch = assembleBatch(store, indices, options);
    expect(batch.image.subarray(1024, 2048)).toEqual(store.read(indices[1]!).image);
    expect(batch.mask).toHaveLength(4 * 1024);
    expect(batch.mask.every((value) => value === 0 || value === 1)).toBe(true);
    indices.forEach((index, row) => {
      expect(batch.source[2 * row + store.entries[index]!.modality]).toBe(1);
    });
    const sum = (some: Float32Array, modality: number): number =>
      some.reduce((s, v, i) => s + (i % 2 === modality ? v : 0), 0);
    for (const modality of [0, 1]) expect(sum(batch.target, modality)).toBe(sum(batch.source, modality));
    expect(assembleBatch(store, indices, options)).toEqual(batch);
    expect(() => assembleBatch(store, indices, { ...options, modalityCount: 1 })).toThrow(
      /modalities below 1/,
    );
    store.close();
  });

  it('asks for each other modality about as often, and never for a slice’s own, where that is wished', async () => {
    const store = await make();
    const { indices } = batchIndices({ seed: 1, iteration: 0, batchSize: 4, count: store.count });
    const asked = new Map<string, number>();
    for (let iteration = 0; iteration < 200; iteration++) {
      const options = { seed: 1, iteration, modalityCount: 4, targets: 'other' } as const;
      const { source, target } = assembleBatch(store, indices, options);
      for (let row = 0; row < 4; row++) {
        const key = `${source.indexOf(1, 4 * row) % 4} to ${target.indexOf(1, 4 * row) % 4}`;
        asked.set(key, (asked.get(key) ?? 0) + 1);
      }
    }
    // The store holds two modalities, so 800 draws go to 2·3 pairs; a pair has 133 or, from the rarer source, 67 at least.
    expect([...asked.keys()].sort()).toEqual(['0 to 1', '0 to 2', '0 to 3', '1 to 0', '1 to 2', '1 to 3']);
    expect(Math.min(...asked.values())).toBeGreaterThan(45);
    store.close();
  });

  it('asks for what is known where that is wished, and for any other where nothing is', async () => {
    const store = await make();
    const { indices } = batchIndices({ seed: 1, iteration: 0, batchSize: 4, count: store.count });
    const modalities = indices.map((index) => store.entries[index]!.modality);
    const asked = (counterpart: Counterpart): [Set<number>, boolean][] => {
      const rows = indices.map((): [Set<number>, boolean] => [new Set(), true]);
      for (let iteration = 0; iteration < 60; iteration++) {
        const options = { seed: 1, iteration, modalityCount: 4, targets: 'known', counterpart } as const;
        const { target, sampleWeight } = assembleBatch(store, indices, options);
        rows.forEach((row, i) => {
          row[0].add(target.indexOf(1, 4 * i) % 4);
          row[1] &&= sampleWeight[i]! > 0;
        });
      }
      return rows;
    };
    // Modality 3 is there for all but the first slice, which has nothing beside its own.
    const sparse = asked((index, modality) => (modality === 3 && index !== indices[0] ? index : undefined));
    sparse.forEach(([targets, known], i) => {
      const others = [0, 1, 2, 3].filter((one) => one !== modalities[i]);
      expect([...targets].toSorted(), `slice ${i}`).toEqual(i === 0 ? others : [3]);
      expect(known).toBe(i > 0);
    });
    // Where all are there it is the same draw as for any other.
    const whole = { seed: 1, iteration: 5, modalityCount: 4, counterpart: (index: number) => index };
    expect(assembleBatch(store, indices, { ...whole, targets: 'known' })).toEqual(
      assembleBatch(store, indices, { ...whole, targets: 'other' }),
    );
    store.close();
  });

  it('knows the truth of a slice that stays, and of others where the store holds their counterpart', async () => {
    const store = await make();
    const count = store.count;
    const indices = Array.from({ length: count }, (_, i) => i);
    const options = { seed: 1, iteration: 0, modalityCount: 2 };
    const check = (counterpart: Counterpart | undefined): number => {
      const batch = assembleBatch(store, indices, { ...options, ...(counterpart && { counterpart }) });
      let known = 0;
      indices.forEach((index) => {
        const entry = store.entries[index]!;
        const target = batch.target[2 * index] === 1 ? 0 : 1;
        const stays = entry.modality === target;
        const answer = stays ? index : counterpart?.(index, target);
        const truth = batch.truth.slice(1024 * index, 1024 * (index + 1));
        expect(batch.sampleWeight[index]! > 0).toBe(answer !== undefined);
        if (answer === undefined) expect(truth.every((value) => value === -1)).toBe(true);
        else {
          known++;
          expect(truth).toEqual(store.read(answer).image);
          const other = store.entries[answer]!;
          expect(other).toMatchObject({ caseId: entry.caseId, slice: entry.slice, modality: target });
        }
      });
      expect(batch.sampleWeight.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      return known;
    };
    const alone = check(undefined);
    expect(alone).toBeGreaterThan(0);
    expect(alone).toBeLessThan(count);
    expect(check(counterpartsIn(store))).toBeGreaterThanOrEqual(alone);
    store.close();
  });

  it('mirrors slices and their masks together where it is asked to', async () => {
    const store = await make();
    const indices = Array.from({ length: store.count }, (_, i) => i);
    const batch = assembleBatch(store, indices, { seed: 1, iteration: 0, modalityCount: 2, mirror: true });
    const turned = (values: ArrayLike<number>): number[] =>
      Array.from({ length: 1024 }, (_, i) => values[i - (i % 32) + 31 - (i % 32)]!);
    const mirrored = indices.map((index) => {
      const { image, mask } = store.read(index);
      const got = {
        image: batch.image.slice(1024 * index, 1024 * (index + 1)),
        mask: batch.mask.slice(1024 * index, 1024 * (index + 1)),
      };
      const asIs = image.every((value, i) => value === got.image[i]);
      expect(Array.from(got.image)).toEqual(asIs ? Array.from(image) : turned(image));
      expect(Array.from(got.mask)).toEqual(asIs ? Array.from(mask) : turned(mask));
      return !asIs;
    });
    expect(mirrored).toContain(true);
    expect(mirrored).toContain(false);
    store.close();
  });
});
