import { contactSheet, type SheetRow } from '../report/contact-sheet.js';
import type { Tile } from '../report/draw-tile.js';
import type { RgbImage } from '../report/rgb-image.js';
import { differenceRange } from './page-choices.js';
import { type PatientPictures, pictureValues } from './patient-pictures.js';

/** Every direction in a row: source, translation, truth, difference. */
export function directionsSheet({
  patient,
  side,
  slice,
  outline,
  real,
  translated,
}: PatientPictures): RgbImage {
  const image = (bytes: Uint8Array): Tile => ({
    values: pictureValues(bytes),
    ...(outline ? { outline } : {}),
  });
  const rows = translated.map(({ source, target, image: prediction }): SheetRow => {
    const truth = pictureValues(real[target]!);
    const sourceImage = real[source];
    return {
      label: `${source} → ${target}`,
      tiles: [
        sourceImage ? image(sourceImage) : null,
        image(prediction),
        image(real[target]!),
        { values: pictureValues(prediction).map((value, i) => value - truth[i]!), kind: 'difference' },
      ],
    };
  });
  return contactSheet(rows, {
    side,
    differenceRange,
    title: `${patient}, slice ${slice}`,
    columns: ['source', 'translated', 'truth', 'translated - truth'],
  });
}

/** Sources as rows, targets as columns, the real images on the diagonal. */
export function overviewSheet({ patient, side, slice, real, translated }: PatientPictures): RgbImage {
  const present = Object.keys(real);
  const rows = present.map(
    (source): SheetRow => ({
      label: `from ${source}`,
      tiles: present.map((target) => {
        if (source === target) return { values: pictureValues(real[source]!), caption: 'real' };
        const found = translated.find((one) => one.source === source && one.target === target);
        return found ? { values: pictureValues(found.image), caption: 'translated' } : null;
      }),
    }),
  );
  return contactSheet(rows, {
    side,
    title: `${patient}, slice ${slice}`,
    columns: present.map((name) => `to ${name}`),
  });
}
