import { fail } from '../base/errors.js';
import { glyphHeight, textWidth } from './bitmap-font.js';
import { type Colour, type ColourMap, divergingMap, greyMap, heatMap } from './colour-map.js';
import { createImage, fillRectangle, type RgbImage, setPixel, writeText } from './rgb-image.js';

/** One picture on a sheet. */
export interface Tile {
  /** [S, S], rows from the top. */
  readonly values: Float32Array;
  /**
   * `image` (the default): grey, over the sheet's value range. `difference`: signed, blue below 0, orange above.
   * `error`: absolute, black to yellow. The last two over the sheet's difference range.
   */
  readonly kind?: 'image' | 'difference' | 'error';
  /** [S, S], 1 inside; its outline is drawn. */
  readonly outline?: Uint8Array;
  /** Words under the tile. */
  readonly caption?: string;
}

/** One row of tiles; null leaves a place empty. */
export interface SheetRow {
  readonly label: string;
  readonly tiles: readonly (Tile | null)[];
}

/** How a sheet is drawn. */
export interface SheetOptions {
  /** S. */
  readonly side: number;
  /** What is black and what is white: [0, 1] unless given. */
  readonly valueRange?: readonly [number, number];
  /** The difference that is drawn brightest; 0.5 unless given. */
  readonly differenceRange?: number;
  /** Words above the columns. */
  readonly columns?: readonly string[];
  /** Words above everything. */
  readonly title?: string;
  /** Screen pixels per pixel of a tile; by default such that a tile is about 128 wide. */
  readonly zoom?: number;
}

const ground: Colour = [16, 17, 20];
const ink: Colour = [226, 228, 232];
const faint: Colour = [150, 154, 162];
const outlineColour: Colour = [64, 224, 120];
const gap = 6;
const line = glyphHeight + 7;

/**
 * Draws rows of slices side by side, with labels, tumour outlines and, where differences are drawn, a scale bar.
 *
 * @throws UtadError bad-shape when a tile or an outline is not S × S, bad-argument when there are no tiles.
 */
export function contactSheet(rows: readonly SheetRow[], options: SheetOptions): RgbImage {
  const { side, columns = [], title, zoom = Math.max(1, Math.round(128 / side)) } = options;
  const across = Math.max(columns.length, ...rows.map(({ tiles }) => tiles.length));
  if (rows.length === 0 || across <= 0) {
    fail('bad-argument', { where: 'contact sheet', expected: 'rows of tiles', got: 'none' });
  }
  const tiles = rows.flatMap((row) => row.tiles).filter((tile) => tile !== null);
  for (const { values, outline } of tiles) requireSquare(side, values.length, outline?.length);

  const tileSize = side * zoom;
  const left = gap + Math.max(...rows.map(({ label }) => textWidth(label))) + gap;
  const cell =
    Math.max(
      tileSize,
      ...columns.map((name) => textWidth(name)),
      ...tiles.map(({ caption = '' }) => textWidth(caption)),
    ) + gap;
  const hasCaptions = tiles.some(({ caption }) => caption !== undefined);
  const step = tileSize + gap + (hasCaptions ? line : 0);
  const kinds = (['difference', 'error'] as const).filter((kind) => tiles.some((tile) => tile.kind === kind));
  const titleHeight = title === undefined ? 0 : line + gap;
  const top = gap + titleHeight + (columns.length > 0 ? line : 0);
  const width = Math.max(
    left + across * cell,
    gap + textWidth(title ?? '') + gap,
    kinds.length > 0 ? left + barWidth + 120 : 0,
  );
  const height = top + rows.length * step + (kinds.length > 0 ? gap + kinds.length * (line + 4) : 0);
  const image = createImage(width, height, ground);

  if (title !== undefined) writeText(image, title, gap, gap, ink);
  columns.forEach((name, i) => {
    writeText(image, name, left + i * cell, gap + titleHeight, ink);
  });
  rows.forEach((row, r) => {
    const y = top + r * step;
    writeText(image, row.label, gap, y + Math.floor((tileSize - glyphHeight) / 2), ink);
    row.tiles.forEach((tile, i) => {
      if (tile === null) return;
      const x = left + i * cell;
      drawTile(image, tile, x, y, zoom, options);
      if (tile.caption !== undefined) writeText(image, tile.caption, x, y + tileSize + 4, faint);
    });
  });
  kinds.forEach((kind, i) => {
    drawScaleBar(
      image,
      kind,
      left,
      top + rows.length * step + gap + i * (line + 4),
      options.differenceRange ?? 0.5,
    );
  });
  return image;
}

function drawTile(
  image: RgbImage,
  tile: Tile,
  x: number,
  y: number,
  zoom: number,
  { side, valueRange = [0, 1], differenceRange = 0.5 }: SheetOptions,
): void {
  const [low, high] = valueRange;
  const paint: Record<NonNullable<Tile['kind']>, (value: number) => Colour> = {
    image: (value) => greyMap((value - low) / (high - low)),
    difference: (value) => divergingMap(0.5 + value / (2 * differenceRange)),
    error: (value) => heatMap(value / differenceRange),
  };
  const colourOf = paint[tile.kind ?? 'image'];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const colour = colourOf(tile.values[row * side + column]!);
      fillRectangle(image, x + column * zoom, y + row * zoom, zoom, zoom, colour);
    }
  }
  if (tile.outline) drawOutline(image, tile.outline, side, x, y, zoom);
}

/** Draws the edge of a mask on the inner screen pixels of its border: what lies around it stays visible. */
function drawOutline(
  image: RgbImage,
  mask: Uint8Array,
  side: number,
  x: number,
  y: number,
  zoom: number,
): void {
  const inside = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < side && column < side && mask[row * side + column] === 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (!inside(row, column)) continue;
      const [px, py] = [x + column * zoom, y + row * zoom];
      for (let i = 0; i < zoom; i++) {
        if (!inside(row - 1, column)) setPixel(image, px + i, py, outlineColour);
        if (!inside(row + 1, column)) setPixel(image, px + i, py + zoom - 1, outlineColour);
        if (!inside(row, column - 1)) setPixel(image, px, py + i, outlineColour);
        if (!inside(row, column + 1)) setPixel(image, px + zoom - 1, py + i, outlineColour);
      }
    }
  }
}

const barWidth = 120;

function drawScaleBar(
  image: RgbImage,
  kind: 'difference' | 'error',
  x: number,
  y: number,
  range: number,
): void {
  const map: ColourMap = kind === 'difference' ? divergingMap : heatMap;
  const [low, high, words] =
    kind === 'difference'
      ? [`-${range}`, `+${range}`, 'difference']
      : ['0', `${range}`, 'absolute difference'];
  const bar = x + textWidth(low) + 4;
  writeText(image, low, x, y + 1, faint);
  for (let i = 0; i < barWidth; i++)
    fillRectangle(image, bar + i, y, 1, glyphHeight + 2, map(i / (barWidth - 1)));
  writeText(image, `${high} ${words}`, bar + barWidth + 4, y + 1, faint);
}

function requireSquare(side: number, values: number, outline: number | undefined): void {
  for (const [name, length] of [
    ['tile', values],
    ['outline', outline ?? side * side],
  ] as const) {
    if (length !== side * side) {
      fail('bad-shape', {
        where: `contact sheet, ${name}`,
        expected: `${side}×${side} values`,
        got: `${length}`,
      });
    }
  }
}
