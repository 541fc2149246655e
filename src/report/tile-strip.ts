import { fail } from '../base/errors.js';
import { drawTile, type Tile, type TileOptions } from './draw-tile.js';
import { createImage, type RgbImage } from './rgb-image.js';

/** Share of a tile's width that is left free between tiles. */
export const stripGap = 1 / 32;

/** About how wide a tile is drawn, screen pixels: sharp on dense displays and on paper. */
const tileWidth = 340;

/**
 * Draws slices side by side without words, for pages that write their own.
 *
 * @throws UtadError bad-shape when a tile is not S × S, bad-argument when there are none.
 */
export function tileStrip(tiles: readonly Tile[], options: TileOptions): RgbImage {
  const { side } = options;
  if (tiles.length === 0) fail('bad-argument', { where: 'strip', expected: 'some tiles', got: 'none' });
  for (const { values } of tiles) {
    if (values.length === side * side) continue;
    fail('bad-shape', { where: 'strip', expected: `${side}×${side} values`, got: `${values.length}` });
  }
  const zoom = Math.max(1, Math.round(tileWidth / side));
  const size = side * zoom;
  const gap = Math.round(size * stripGap);
  const image = createImage(tiles.length * size + (tiles.length - 1) * gap, size, [0, 0, 0]);
  tiles.forEach((tile, i) => {
    drawTile(image, tile, i * (size + gap), 0, zoom, { outlineWidth: 2, ...options });
  });
  return image;
}
