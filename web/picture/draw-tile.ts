import type { ValueRange } from '../../src/imaging/normalise.js';
import type { Triple } from '../../src/imaging/volume.js';
import { divergingMap } from '../../src/report/colour-map.js';
import type { ContentBox } from './content.js';
import { type Fit, fitPlane, pointOf, type Zoom } from './fit.js';
import { outlineOf } from './outline.js';
import { largestDifference, paintDifference, paintGrey, type Window, windowIn } from './paint.js';
import { cutPlane, type Plane, planeAxes, type ShownGrid } from './plane.js';

/** One image of a tile; several lie on each other. */
export interface Layer {
  readonly data: Float32Array;
  readonly paint:
    | { readonly kind: 'grey'; readonly range: ValueRange; readonly light: number }
    | { readonly kind: 'difference' };
  /** 0 (clear) to 1. */
  readonly opacity: number;
  /** Shares of the tile's width between which it is seen. */
  readonly between: readonly [number, number];
}

/** A word that stays in a tile's upper corner. */
export interface Mark {
  readonly text: string;
  readonly corner: 'left' | 'right';
  readonly synthetic: boolean;
}

/** All that a tile shows. */
export interface Tile {
  readonly plane: Plane;
  readonly grid: ShownGrid;
  readonly box: ContentBox;
  readonly voxel: Triple;
  readonly zoom: Zoom;
  readonly window: Window;
  readonly layers: readonly Layer[];
  readonly tumour: Float32Array | undefined;
  readonly crosshair: boolean;
  readonly marks: readonly Mark[];
  /** Where a slider divides the tile, as a share of its width. */
  readonly divider: number | undefined;
  /** Whether the scale of differences stands in it. */
  readonly scale: boolean;
}

/** Scratch memory of a tile. */
interface Scratch {
  readonly canvas: OffscreenCanvas;
  values: Float32Array;
}

export function createScratch(): Scratch {
  return { canvas: new OffscreenCanvas(1, 1), values: new Float32Array(0) };
}

const syntheticColour = '#ffb43a';
const outlineColour = '#7dffb2';

/**
 * Draws a tile: images, outline, crosshair, orientation, and the marks that say what is synthetic. They are part of
 * the picture itself, so that no copy of it lacks them.
 *
 * @param ratio device pixels per CSS pixel
 */
export function drawTile(canvas: HTMLCanvasElement, tile: Tile, scratch: Scratch, ratio: number): void {
  const context = canvas.getContext('2d', { alpha: false })!;
  const [width, height] = [canvas.width / ratio, canvas.height / ratio];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  const fit = fitPlane(tile.plane, tile.grid, tile.box, tile.zoom, width, height);
  for (const layer of tile.layers) drawLayer(context, layer, tile, fit, scratch, width, height);
  if (tile.tumour) drawOutline(context, tile.tumour, tile, fit, scratch);
  if (tile.crosshair) drawCrosshair(context, tile, fit, width, height);
  if (tile.divider !== undefined) drawDivider(context, tile.divider * width, height);
  const marks = placeMarks(context, tile.marks, width, height);
  drawLetters(context, tile.plane, marks, width, height);
  drawPlace(context, tile, height);
  if (tile.scale) drawScale(context, width, height);
  drawMarks(context, marks);
}

function drawLayer(
  context: CanvasRenderingContext2D,
  { data, paint, opacity, between }: Layer,
  tile: Tile,
  fit: Fit,
  scratch: Scratch,
  width: number,
  height: number,
): void {
  const { columns, rows } = cut(data, tile, scratch);
  const { canvas, values } = scratch;
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  const picture = canvas.getContext('2d', { willReadFrequently: true })!;
  const image = picture.createImageData(columns, rows);
  if (paint.kind === 'grey') paintGrey(values, windowIn(paint.range, tile.window), paint.light, image.data);
  else paintDifference(values, 1, image.data);
  picture.putImageData(image, 0, 0);
  context.save();
  context.beginPath();
  context.rect(between[0] * width, 0, (between[1] - between[0]) * width, height);
  context.clip();
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, fit.originX, fit.originY, columns * fit.scaleX, rows * fit.scaleY);
  context.restore();
}

function cut(
  data: Float32Array,
  { plane, grid, voxel }: Tile,
  scratch: Scratch,
): { readonly columns: number; readonly rows: number } {
  const { x, y, depth } = planeAxes[plane];
  const [columns, rows] = [grid.size[x], grid.size[y]];
  if (scratch.values.length !== columns * rows) scratch.values = new Float32Array(columns * rows);
  cutPlane(data, grid, plane, voxel[depth], scratch.values);
  return { columns, rows };
}

function drawOutline(
  context: CanvasRenderingContext2D,
  tumour: Float32Array,
  tile: Tile,
  { originX, originY, scaleX, scaleY }: Fit,
  scratch: Scratch,
): void {
  const { columns, rows } = cut(tumour, tile, scratch);
  const path = new Path2D();
  for (const [x1, y1, x2, y2] of outlineOf(scratch.values, columns, rows)) {
    path.moveTo(originX + (x1 + 0.5) * scaleX, originY + (y1 + 0.5) * scaleY);
    path.lineTo(originX + (x2 + 0.5) * scaleX, originY + (y2 + 0.5) * scaleY);
  }
  context.lineCap = 'round';
  context.strokeStyle = 'rgba(0, 0, 0, 0.55)';
  context.lineWidth = 3;
  context.stroke(path);
  context.strokeStyle = outlineColour;
  context.lineWidth = 1.4;
  context.stroke(path);
}

function drawCrosshair(
  context: CanvasRenderingContext2D,
  { plane, grid, voxel }: Tile,
  fit: Fit,
  width: number,
  height: number,
): void {
  const [x, y] = pointOf(plane, grid, fit, voxel);
  const gap = 9;
  context.strokeStyle = 'rgba(120, 190, 255, 0.75)';
  context.lineWidth = 1;
  context.beginPath();
  const [cx, cy] = [Math.round(x) + 0.5, Math.round(y) + 0.5];
  context.moveTo(0, cy);
  context.lineTo(cx - gap, cy);
  context.moveTo(cx + gap, cy);
  context.lineTo(width, cy);
  context.moveTo(cx, 0);
  context.lineTo(cx, cy - gap);
  context.moveTo(cx, cy + gap);
  context.lineTo(cx, height);
  context.stroke();
}

function drawDivider(context: CanvasRenderingContext2D, x: number, height: number): void {
  context.fillStyle = 'rgba(255, 255, 255, 0.9)';
  context.fillRect(x - 1, 0, 2, height);
  context.beginPath();
  context.arc(x, height / 2, 13, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#101418';
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x + side * 9, height / 2);
    context.lineTo(x + side * 4, height / 2 - 4.5);
    context.lineTo(x + side * 4, height / 2 + 4.5);
  }
  context.fill();
}

function say(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.shadowColor = '#000';
  context.shadowBlur = 3;
  context.fillText(text, x, y);
  context.shadowBlur = 0;
}

function drawLetters(
  context: CanvasRenderingContext2D,
  plane: Plane,
  marks: readonly PlacedMark[],
  width: number,
  height: number,
): void {
  const [left, right, top, bottom] = planeAxes[plane].letters;
  context.font = '600 11px system-ui, sans-serif';
  context.fillStyle = 'rgba(214, 224, 236, 0.85)';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  say(context, left, 9, height / 2);
  say(context, right, width - 9, height / 2);
  // In a narrow tile a mark reaches the middle: the letter gives way.
  const over = marks.find(({ x, wide }) => x < width / 2 + 8 && x + wide > width / 2 - 8);
  say(context, top, width / 2, over ? over.y + over.tall + 9 : 10);
  say(context, bottom, width / 2, height - 9);
}

function drawPlace(context: CanvasRenderingContext2D, { plane, grid, voxel }: Tile, height: number): void {
  const { depth } = planeAxes[plane];
  context.font = '10.5px system-ui, sans-serif';
  context.fillStyle = 'rgba(186, 198, 212, 0.8)';
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  say(context, `${voxel[depth] + 1} / ${grid.size[depth]}`, 8, height - 8);
}

/** What the colours of a difference mean: blue too dark, orange too bright, in shares of the range of intensities. */
function drawScale(context: CanvasRenderingContext2D, width: number, height: number): void {
  const most = `${Math.round(100 * largestDifference)} %`;
  const [wide, tall] = [64, 7];
  const [x, y] = [width - wide - 48, height - 30];
  const ramp = context.createLinearGradient(x, 0, x + wide, 0);
  for (let stop = 0; stop <= 8; stop++) ramp.addColorStop(stop / 8, `rgb(${divergingMap(stop / 8).join()})`);
  context.fillStyle = 'rgba(0, 0, 0, 0.6)';
  context.beginPath();
  context.roundRect(x - 44, y - 7, wide + 88, tall + 14, 4);
  context.fill();
  context.fillStyle = ramp;
  context.fillRect(x, y, wide, tall);
  context.font = '10.5px system-ui, sans-serif';
  context.fillStyle = 'rgba(214, 224, 236, 0.9)';
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  say(context, `−${most}`, x - 4, y + tall / 2 + 0.5);
  context.textAlign = 'left';
  say(context, `+${most}`, x + wide + 4, y + tall / 2 + 0.5);
}

/** A mark with its box, in CSS pixels. */
interface PlacedMark extends Mark {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly tall: number;
  readonly font: string;
}

function placeMarks(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  width: number,
  height: number,
): readonly PlacedMark[] {
  const small = Math.min(width, height) < 190;
  const [inset, tall, padding] = small ? [5, 15, 5] : [8, 20, 7];
  const font = `700 ${small ? 9 : 11}px system-ui, sans-serif`;
  context.font = font;
  return marks.map((mark) => {
    const wide = context.measureText(mark.text).width + 2 * padding;
    const x = mark.corner === 'left' ? inset : width - inset - wide;
    return { ...mark, x, y: inset, wide, tall, font };
  });
}

function drawMarks(context: CanvasRenderingContext2D, marks: readonly PlacedMark[]): void {
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const { text, synthetic, x, y, wide, tall, font } of marks) {
    context.font = font;
    context.fillStyle = synthetic ? syntheticColour : 'rgba(38, 46, 56, 0.85)';
    context.beginPath();
    context.roundRect(x, y, wide, tall, 4);
    context.fill();
    context.fillStyle = synthetic ? '#1d1200' : '#e6edf5';
    context.fillText(text, x + wide / 2, y + tall / 2 + 0.5);
  }
}
