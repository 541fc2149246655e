import { expect, it } from 'vitest';
import type { SliceStore } from './slice-store.js';
import { storeView } from './store-view.js';

const storeOf = (name: string, modalities: readonly number[], side = 2): SliceStore => ({
  fingerprint: name,
  count: modalities.length,
  side,
  entries: modalities.map((modality, slice) => ({ caseId: name, modality, slice, hasTumour: false })),
  ranges: [],
  read: (index) => ({
    image: new Float32Array(side * side).fill(index),
    mask: new Uint8Array(side * side),
    brain: new Uint8Array(side * side),
  }),
  contextSlices: 1,
  readContextSlice: (index, offset) => ({
    image: new Float32Array(side * side).fill(index + offset / 10),
    mask: new Uint8Array(side * side),
    brain: new Uint8Array(side * side),
  }),
  close: () => undefined,
});

it('takes slices of several stores under new modalities, and leaves others out', () => {
  const [a, b] = [storeOf('a', [0, 1, 2]), storeOf('b', [7])];
  const view = storeView(
    [
      { store: a, as: ({ modality }) => (modality === 1 ? undefined : modality) },
      { store: a, as: ({ modality }) => (modality === 0 ? 1 : undefined) },
      { store: b, as: () => 3 },
    ],
    'filled',
  );
  expect(view.entries.map(({ caseId, modality }) => `${caseId}${modality}`)).toEqual([
    'a0',
    'a2',
    'a1',
    'b3',
  ]);
  expect([0, 1, 2, 3].map((index) => view.read(index).image[0])).toEqual([0, 2, 0, 0]);
  expect(view.fingerprint).toBe('a a b filled');
  expect(view.contextSlices).toBe(1);
  expect(view.readContextSlice(1, 1).image[0]).toBeCloseTo(2.1);
  expect(() => view.read(4)).toThrow('expected an index below 4, got 4');
});

it('refuses slices of different sizes', () => {
  const parts = [storeOf('a', [0]), storeOf('b', [0], 4)].map((store) => ({ store, as: () => 0 }));
  expect(() => storeView(parts, '')).toThrow('slice stores: expected one size, got 2, 4');
});
