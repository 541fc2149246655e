import { encode } from 'fast-png';
import { drawText } from './bitmap-font.js';
import type { Colour } from './colour-map.js';

/** A picture: `data` holds red, green, blue of each pixel, rows from the top. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** An empty picture of one colour. */
export function createImage(width: number, height: number, colour: Colour): RgbImage {
  const image = { width, height, data: new Uint8Array(3 * width * height) };
  fillRectangle(image, 0, 0, width, height, colour);
  return image;
}

/** Colours a pixel; those outside the picture are left out. */
function setPixel(image: RgbImage, x: number, y: number, colour: Colour): void {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
  image.data.set(colour, 3 * (y * image.width + x));
}

/** Colours a rectangle. */
export function fillRectangle(
  image: RgbImage,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) setPixel(image, column, row, colour);
  }
}

/** Writes a text with its top left corner at (x, y), 7 pixels high times the scale. */
export function writeText(
  image: RgbImage,
  text: string,
  x: number,
  y: number,
  colour: Colour,
  scale = 1,
): void {
  drawText((px, py) => setPixel(image, px, py, colour), text, x, y, scale);
}

/** The bytes of a PNG file (RGB, 8 bits). */
export function encodePng(image: RgbImage): Uint8Array {
  return encode({ width: image.width, height: image.height, data: image.data, channels: 3, depth: 8 });
}
