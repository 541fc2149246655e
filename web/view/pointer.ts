import type { Triple } from '../../src/imaging/volume.js';
import { type Fit, voxelUnder } from '../picture/fit.js';
import { type Plane, planeAxes } from '../picture/plane.js';
import { grid } from '../state/patient-state.js';
import { divider, moveSlice, shownWindow, voxel, zoom, zoomBy } from '../state/view-state.js';

/** Where a tile lies and what its pointer may do. */
interface TilePlace {
  readonly fit: Fit;
  readonly width: number;
  readonly height: number;
  /** Whether a slider can be dragged. */
  readonly sliding: boolean;
}

type Doing = 'crosshair' | 'window' | 'move' | 'slider';
type Point = readonly [number, number];

/** What a tile does with its pointer. */
interface TilePointer {
  readonly onDown: (event: PointerEvent) => void;
  readonly onMove: (event: PointerEvent) => void;
  readonly onUp: (event: PointerEvent) => void;
  readonly onWheel: (event: WheelEvent) => void;
  readonly onDouble: () => void;
}

/** Pixels around the slider that take hold of it. */
const grip = 16;
/** Pixels of a drag that double or halve the window's width. */
const dragOfDoubling = 200;

/** Moves crosshair, window, zoom and slider with mouse, pen and fingers. */
export function createPointer(plane: Plane, placeOf: () => TilePlace | null): TilePointer {
  const down = new Map<number, Point>();
  let doing: Doing = 'crosshair';
  let spread = 0;
  let wheel = 0;
  const at = (event: PointerEvent): Point => [event.offsetX, event.offsetY];
  const setCrosshair = (point: Point): void => {
    const place = placeOf();
    if (place && grid.value) voxel.value = voxelUnder(plane, grid.value, place.fit, point, voxel.value);
  };
  const spreadNow = (): number => {
    const [a, b] = [...down.values()] as [Point, Point];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  const move = (dx: number, dy: number): void => {
    const place = placeOf();
    if (!place || !grid.value) return;
    const { x, y, flipped } = planeAxes[plane];
    const { spacingMm } = grid.value;
    const next: [number, number, number] = [...zoom.value.moveMm];
    next[x] += (dx / place.fit.scaleX) * spacingMm[x];
    next[y] += (((flipped ? -1 : 1) * dy) / place.fit.scaleY) * spacingMm[y];
    zoom.value = { factor: zoom.value.factor, moveMm: next as Triple };
  };
  return {
    onDown: (event) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      down.set(event.pointerId, at(event));
      const place = placeOf();
      if (down.size === 2) {
        doing = 'move';
        spread = spreadNow();
      } else if (event.button === 2 || event.shiftKey) doing = 'window';
      else if (event.button === 1) doing = 'move';
      else if (place?.sliding && Math.abs(event.offsetX - divider.value * place.width) < grip)
        doing = 'slider';
      else {
        doing = 'crosshair';
        setCrosshair(at(event));
      }
    },
    onMove: (event) => {
      const before = down.get(event.pointerId);
      if (before === undefined) return;
      const point = at(event);
      down.set(event.pointerId, point);
      const [dx, dy] = [point[0] - before[0], point[1] - before[1]];
      if (doing === 'crosshair') setCrosshair(point);
      else if (doing === 'slider') {
        const { width } = placeOf() ?? { width: 1 };
        divider.value = Math.min(1, Math.max(0, point[0] / width));
      } else if (doing === 'window') {
        const { level, width } = shownWindow.value;
        const wider = Math.min(4, Math.max(1 / 16, width * 2 ** (dx / dragOfDoubling)));
        shownWindow.value = { level: Math.min(1, Math.max(0, level + dy / 400)), width: wider };
      } else {
        // Two fingers move together: each counts half.
        move(dx / down.size, dy / down.size);
        if (down.size === 2) {
          const now = spreadNow();
          if (spread > 0) zoomBy(now / spread);
          spread = now;
        }
      }
    },
    onUp: (event) => {
      down.delete(event.pointerId);
    },
    onWheel: (event) => {
      event.preventDefault();
      if (event.ctrlKey) {
        zoomBy(2 ** (-event.deltaY / 200));
        return;
      }
      // A notch of a wheel is one slice; touch pads send many small steps.
      wheel += event.deltaMode === 0 ? event.deltaY / 60 : event.deltaY;
      const slices = Math.trunc(wheel);
      wheel -= slices;
      if (slices !== 0) moveSlice(plane, -slices);
    },
    onDouble: () => {
      zoom.value = { factor: 1, moveMm: [0, 0, 0] };
    },
  };
}
