import { fail } from '../base/errors.js';
import { glyphHeight, textWidth } from './bitmap-font.js';
import { type Colour, type ColourMap, divergingMap, heatMap } from './colour-map.js';
import { drawTile, type Tile, type TileOptions } from './draw-tile.js';
import { createImage, fillRectangle, type RgbImage, writeText } from './rgb-image.js';

/** One row of tiles; null leaves a place empty. */
export interface SheetRow {
  readonly label: string;
  readonly tiles: readonly (Tile | null)[];
}

/** How a sheet is drawn. */
interface SheetOptions extends TileOptions {
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
