import type { SlicePictures } from './patient-pictures.js';

/** Pixels left around the head. */
const border = 2;

/** The square around a patient's head, cut out of all pictures of a slice alike: background is no news. */
export function cropPictures<Pictures extends SlicePictures>(pictures: Pictures): Pictures {
  const { side, real, outline, translated, fused } = pictures;
  let [top, bottom, left, right] = [side, -1, side, -1];
  for (const image of Object.values(real)) {
    image.forEach((value, i) => {
      if (value === 0) return;
      const [row, column] = [Math.floor(i / side), i % side];
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      left = Math.min(left, column);
      right = Math.max(right, column);
    });
  }
  if (bottom < 0) return pictures;
  const size = Math.min(side, Math.max(bottom - top, right - left) + 1 + 2 * border);
  const start = (low: number, high: number): number =>
    Math.max(0, Math.min(side - size, Math.round((low + high + 1 - size) / 2)));
  const [y, x] = [start(top, bottom), start(left, right)];
  const cut = (image: Uint8Array): Uint8Array =>
    Uint8Array.from(
      { length: size * size },
      (_, i) => image[(y + Math.floor(i / size)) * side + x + (i % size)]!,
    );
  return {
    ...pictures,
    side: size,
    ...(outline ? { outline: cut(outline) } : {}),
    real: Object.fromEntries(Object.entries(real).map(([name, image]) => [name, cut(image)])),
    translated: translated.map((one) => ({ ...one, image: cut(one.image), fitted: cut(one.fitted) })),
    ...(fused
      ? { fused: fused.map((one) => ({ ...one, fused: cut(one.fused), spread: cut(one.spread) })) }
      : {}),
  };
}
