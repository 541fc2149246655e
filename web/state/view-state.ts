import { batch, computed, signal } from '@preact/signals';
import type { Triple } from '../../src/imaging/volume.js';
import type { Zoom } from '../picture/fit.js';
import { type Window, wholeWindow } from '../picture/paint.js';
import { isViewable, type Picture } from '../picture/picture.js';
import { type Plane, planeAxes } from '../picture/plane.js';
import { grid, pictures } from './patient-state.js';

/** How two pictures are compared. */
export type Comparing = 'side' | 'slider' | 'fade' | 'blink';
/** Which planes are shown of each picture. */
export type Planes = Plane | 'all';

const noZoom: Zoom = { factor: 1, moveMm: [0, 0, 0] };

export const voxel = signal<Triple>([0, 0, 0]);
export const zoom = signal<Zoom>(noZoom);
export const shownWindow = signal<Window>(wholeWindow);
export const shownPlanes = signal<Planes>('all');
export const comparing = signal<Comparing>('side');
/** Ids of the pictures that are shown, from left to right. */
export const visible = signal<readonly string[]>([]);
/** Ids of the two that lie on each other. */
export const pair = signal<readonly [string, string] | null>(null);
export const showOutline = signal(true);
export const showCrosshair = signal(true);
/** How strongly differences cover the scan below, 0 to 1. */
export const differenceOpacity = signal(0.85);
/** How much of the second picture is seen, 0 to 1. */
export const fade = signal(0.5);
/** Where the slider stands, as a share of the width. */
export const divider = signal(0.5);
/** Which of the two is seen while blinking. */
export const blinkSecond = signal(false);

/** As many as fit beside each other. */
const mostPanes = 4;

/** The pictures that are shown, those gone left out. */
export const shownPictures = computed(() =>
  visible.value
    .map((id) => pictures.value.find((one) => one.id === id))
    .filter((one): one is Picture => one !== undefined && isViewable(one)),
);

/** The two pictures that are compared, where there are two. */
export const comparedPictures = computed<readonly [Picture, Picture] | null>(() => {
  const find = (id: string | undefined): Picture | undefined =>
    pictures.value.find((one) => one.id === id && isViewable(one) && one.kind !== 'difference');
  const [a, b] = [find(pair.value?.[0]), find(pair.value?.[1])];
  if (a && b) return [a, b];
  const usual = shownPictures.value.filter(({ kind }) => kind !== 'difference');
  const second = usual.find(({ kind }) => kind === 'synthetic') ?? usual[1];
  const first =
    usual.find((one) => one !== second && one.kind === 'scan' && one.role === second?.role) ??
    usual.find((one) => one !== second);
  return first && second ? [first, second] : null;
});

/** Shows or hides a picture; the one that was shown longest makes place. */
export function toggleVisible(id: string): void {
  visible.value = visible.value.includes(id)
    ? visible.value.filter((one) => one !== id)
    : [...visible.value, id].slice(-mostPanes);
}

/** Shows these pictures and no others. */
export function showOnly(ids: readonly string[]): void {
  visible.value = ids.slice(0, mostPanes);
}

/** Moves by some slices of a plane. */
export function moveSlice(plane: Plane, by: number): void {
  const { depth } = planeAxes[plane];
  const count = grid.value?.size[depth] ?? 1;
  const next: [number, number, number] = [...voxel.value];
  next[depth] = Math.min(count - 1, Math.max(0, next[depth] + by));
  voxel.value = next;
}

/** Magnifies, between the whole head and twelve times. */
export function zoomBy(factor: number): void {
  const { factor: before, moveMm } = zoom.value;
  zoom.value = { factor: Math.min(12, Math.max(0.5, before * factor)), moveMm };
}

/** Everything as at the beginning, but for the crosshair. */
export function resetView(): void {
  batch(() => {
    zoom.value = noZoom;
    shownWindow.value = wholeWindow;
    divider.value = 0.5;
    fade.value = 0.5;
  });
}
