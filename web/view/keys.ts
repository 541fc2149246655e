import { type Plane, planeAxes } from '../picture/plane.js';
import { grid } from '../state/patient-state.js';
import {
  type Comparing,
  comparedPictures,
  comparing,
  moveSlice,
  type Planes,
  resetView,
  showCrosshair,
  shownPlanes,
  showOutline,
  zoomBy,
} from '../state/view-state.js';
import { saveScreenshot } from './screenshot.js';

const planeOfKey: Readonly<Record<string, Planes>> = { 1: 'axial', 2: 'coronal', 3: 'sagittal', 4: 'all' };
const ways: readonly Comparing[] = ['side', 'slider', 'fade', 'blink'];
const many = Number.MAX_SAFE_INTEGER;

/** What each key does while a view has the focus. */
const actions: Readonly<Record<string, (plane: Plane) => void>> = {
  ArrowUp: (plane) => moveSlice(plane, 1),
  ArrowRight: (plane) => moveSlice(plane, 1),
  ArrowDown: (plane) => moveSlice(plane, -1),
  ArrowLeft: (plane) => moveSlice(plane, -1),
  PageUp: (plane) => moveSlice(plane, 10),
  PageDown: (plane) => moveSlice(plane, -10),
  Home: (plane) => moveSlice(plane, -many),
  End: (plane) => moveSlice(plane, grid.value?.size[planeAxes[plane].depth] ?? 0),
  '+': () => zoomBy(1.25),
  '=': () => zoomBy(1.25),
  '-': () => zoomBy(0.8),
  c: () => {
    if (comparedPictures.value !== null)
      comparing.value = ways[(ways.indexOf(comparing.value) + 1) % ways.length]!;
  },
  o: () => {
    showOutline.value = !showOutline.value;
  },
  x: () => {
    showCrosshair.value = !showCrosshair.value;
  },
  r: resetView,
  s: () => void saveScreenshot(),
};

/** Does what a key means for a plane. */
export function keyPressed(event: KeyboardEvent, plane: Plane): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = planeOfKey[event.key];
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (chosen === undefined && action === undefined) return;
  event.preventDefault();
  if (chosen !== undefined) shownPlanes.value = chosen;
  else action?.(plane);
  requestAnimationFrame(() => keepFocus(plane));
}

/** Where the view with the focus has given way to others, one of these has it: the next key counts as well. */
function keepFocus(plane: Plane): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const tiles = [...document.querySelectorAll<HTMLElement>('canvas[data-tile]')];
  (tiles.find((one) => one.dataset['tile'] === plane) ?? tiles[0])?.focus();
}
