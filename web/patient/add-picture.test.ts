import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../channel/connect.js';
import type { DroppedVolume } from '../picture/dropped.js';
import { box, grid, pictures } from '../state/patient-state.js';
import type { ImageWork } from '../work/image-worker.js';
import { addDropped } from './add-picture.js';

const size = [6, 6, 4] as const;
/** Nothing is asked of it where all volumes share a grid and their names say what they are. */
const images = {
  ask: () => Promise.reject(new Error('not expected')),
} as unknown as Connection<ImageWork>;

const head = { first: [0, 0, 0], last: [5, 5, 3] } as const;
const tumour = { first: [2, 2, 1], last: [3, 3, 2] } as const;

function dropped(role: string, isLabels: boolean): DroppedVolume {
  const values = Float32Array.from({ length: 144 }, (_, i) => (isLabels ? Number(i === 60) : 1 + (i % 7)));
  return {
    name: role,
    volume: { data: values, size, affineVoxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] },
    recognition: { role, sure: true, because: 'its name' },
    synthetic: false,
    isLabels,
    range: { low: 0, high: 7 },
    box: isLabels ? tumour : head,
  } as unknown as DroppedVolume;
}

beforeEach(() => {
  pictures.value = [];
  grid.value = null;
});

describe('the views', () => {
  it.each([
    ['scan, mask', [dropped('t1', false), dropped('tumour', true)]],
    ['mask, scan', [dropped('tumour', true), dropped('t1', false)]],
  ])('show the whole head, in whatever order files come: %s', async (_, volumes) => {
    for (const one of volumes) await addDropped(images, one);
    expect(box.value).toEqual(head);
  });
});
