import { type Colour, divergingMap, greyMap, heatMap } from './colour-map.js';
import { fillRectangle, type RgbImage } from './rgb-image.js';

/** One slice as a picture. */
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

/** How slices become colours. */
export interface TileOptions {
  /** S. */
  readonly side: number;
  /** What is black and what is white: [0, 1] unless given. */
  readonly valueRange?: readonly [number, number];
  /** The difference that is drawn brightest; 0.5 unless given. */
  readonly differenceRange?: number;
  /** Screen pixels; 1 unless given. */
  readonly outlineWidth?: number;
}

const outlineColour: Colour = [64, 224, 120];

/** Draws a tile with its top left corner at (x, y), `zoom` screen pixels a pixel. */
export function drawTile(
  image: RgbImage,
  tile: Tile,
  x: number,
  y: number,
  zoom: number,
  { side, valueRange = [0, 1], differenceRange = 0.5, outlineWidth = 1 }: TileOptions,
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
  if (tile.outline) drawOutline(image, tile.outline, side, x, y, zoom, Math.min(zoom, outlineWidth));
}

/** Draws the edge of a mask on the inner screen pixels of its border: what lies around it stays visible. */
function drawOutline(
  image: RgbImage,
  mask: Uint8Array,
  side: number,
  x: number,
  y: number,
  zoom: number,
  width: number,
): void {
  const inside = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < side && column < side && mask[row * side + column] === 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (!inside(row, column)) continue;
      const [px, py] = [x + column * zoom, y + row * zoom];
      const rectangle = (left: number, top: number, across: number, down: number): void =>
        fillRectangle(image, px + left, py + top, across, down, outlineColour);
      if (!inside(row - 1, column)) rectangle(0, 0, zoom, width);
      if (!inside(row + 1, column)) rectangle(0, zoom - width, zoom, width);
      if (!inside(row, column - 1)) rectangle(0, 0, width, zoom);
      if (!inside(row, column + 1)) rectangle(zoom - width, 0, width, zoom);
    }
  }
}
