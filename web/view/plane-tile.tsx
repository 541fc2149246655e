import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { createScratch, drawTile, type Tile } from '../picture/draw-tile.js';
import { fitPlane } from '../picture/fit.js';
import { type Plane, planeAxes } from '../picture/plane.js';
import { box, grid, tumour } from '../state/patient-state.js';
import { divider, showCrosshair, shownWindow, showOutline, voxel, zoom } from '../state/view-state.js';
import { keyPressed } from './keys.js';
import { createPointer } from './pointer.js';
import { layersOf, marksOf, type PaneContent, titleOfPane } from './tile-content.js';

/** One plane of a pane. It is a slider for keyboards and screen readers: its value is the slice. */
export function PlaneTile({
  plane,
  content,
  main,
}: {
  readonly plane: Plane;
  readonly content: PaneContent;
  /** The largest tile of its pane. */
  readonly main: boolean;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scratch = useRef(createScratch());
  const size = useSignal({ width: 0, height: 0, ratio: 1 });
  // A change of the pictures themselves comes as a new property.
  const shown = useSignal(content);
  shown.value = content;
  useEffect(() => {
    const measure = (): void => {
      const element = canvas.current;
      if (element === null) return;
      const ratio = devicePixelRatio;
      size.value = { width: element.clientWidth, height: element.clientHeight, ratio };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [size]);
  const tile = useComputed<Tile | null>(() => {
    if (grid.value === null) return null;
    return {
      plane,
      grid: grid.value,
      box: box.value,
      voxel: voxel.value,
      zoom: zoom.value,
      window: shownWindow.value,
      layers: layersOf(shown.value),
      tumour: showOutline.value ? tumour.value?.shown : undefined,
      crosshair: showCrosshair.value,
      marks: marksOf(shown.value),
      scale: main && shown.value.pictures[0]?.kind === 'difference',
      divider: shown.value.comparing === 'slider' ? divider.value : undefined,
    };
  });
  useSignalEffect(() => {
    const { width, height, ratio } = size.value;
    const drawn = tile.value;
    if (drawn === null || width === 0 || canvas.current === null) return;
    const element = canvas.current;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
    drawTile(element, drawn, scratch.current, ratio);
  });
  const pointer = useRef(
    createPointer(plane, () => {
      const { width, height } = size.peek();
      const shownOn = grid.peek();
      if (shownOn === null) return null;
      const fit = fitPlane(plane, shownOn, box.peek(), zoom.peek(), width, height);
      return { fit, width, height, sliding: shown.peek().comparing === 'slider' };
    }),
  );
  useEffect(() => {
    const element = canvas.current!;
    // Only a listener that says so may keep the page from scrolling.
    element.addEventListener('wheel', pointer.current.onWheel, { passive: false });
    return () => element.removeEventListener('wheel', pointer.current.onWheel);
  }, []);
  const { depth } = planeAxes[plane];
  const count = grid.value?.size[depth] ?? 1;
  const slice = voxel.value[depth] + 1;
  return (
    <canvas
      ref={canvas}
      class="tile"
      data-tile={plane}
      tabIndex={0}
      role="slider"
      aria-label={`${titleOfPane(content)}: ${plane} slice`}
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={slice}
      aria-valuetext={`slice ${slice} of ${count}`}
      onKeyDown={(event) => keyPressed(event, plane)}
      onPointerDown={pointer.current.onDown}
      onPointerMove={pointer.current.onMove}
      onPointerUp={pointer.current.onUp}
      onPointerCancel={pointer.current.onUp}
      onContextMenu={(event) => event.preventDefault()}
      onDblClick={pointer.current.onDouble}
    />
  );
}
