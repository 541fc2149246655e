import { fail } from '../base/errors.js';
import type { SliceEntry, SliceStore } from './slice-store.js';

/** Slices taken from a store. */
interface ViewPart {
  readonly store: SliceStore;
  /** The modality that a slice has in the view; undefined leaves it out. */
  readonly as: (entry: SliceEntry) => number | undefined;
}

/**
 * Slices of several stores as one, their modalities counted anew. Closing the view leaves the stores open.
 *
 * @param label tells views of the same stores apart in the fingerprint
 * @throws UtadError bad-shape when the stores' slices differ in size.
 */
export function storeView(parts: readonly ViewPart[], label: string): SliceStore {
  const sides = new Set(parts.map(({ store }) => store.side));
  if (sides.size !== 1)
    fail('bad-shape', {
      where: 'slice stores',
      expected: 'one size',
      got: [...sides].join(', ') || 'no store',
    });
  const places: { readonly store: SliceStore; readonly index: number; readonly entry: SliceEntry }[] = [];
  for (const { store, as } of parts)
    store.entries.forEach((entry, index) => {
      const modality = as(entry);
      if (modality !== undefined) places.push({ store, index, entry: { ...entry, modality } });
    });
  const placeAt = (position: number): (typeof places)[number] => {
    const expected = `an index below ${places.length}`;
    return places[position] ?? fail('bad-argument', { where: 'slice store', expected, got: `${position}` });
  };
  return {
    fingerprint: [...parts.map(({ store }) => store.fingerprint), label].join(' '),
    count: places.length,
    side: [...sides][0]!,
    entries: places.map(({ entry }) => entry),
    ranges: [],
    read: (position) => {
      const { store, index } = placeAt(position);
      return store.read(index);
    },
    contextSlices: Math.min(...parts.map(({ store }) => store.contextSlices)),
    readContextSlice: (position, offset) => {
      const { store, index } = placeAt(position);
      return store.readContextSlice(index, offset);
    },
    close: () => undefined,
  };
}
