import { directionName } from '../report/by-direction.js';
import { differenceTile, imageTile } from '../report/byte-image.js';
import { contactSheet, type SheetRow } from '../report/contact-sheet.js';
import type { RgbImage } from '../report/rgb-image.js';
import { differenceRange } from './page-choices.js';
import type { PatientPictures } from './patient-pictures.js';

/** Every direction in a row: source, translation, truth, difference. */
export function directionsSheet({
  patient,
  side,
  slice,
  outline,
  real,
  translated,
}: PatientPictures): RgbImage {
  const rows = translated.map(({ source, target, image }): SheetRow => {
    const [given, truth] = [real[source], real[target]!];
    return {
      label: directionName({ source, target }),
      tiles: [
        given ? imageTile(given, outline) : null,
        imageTile(image, outline),
        imageTile(truth, outline),
        differenceTile(image, truth),
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
        if (source === target) return { ...imageTile(real[source]!), caption: 'real' };
        const found = translated.find((one) => one.source === source && one.target === target);
        return found ? { ...imageTile(found.image), caption: 'translated' } : null;
      }),
    }),
  );
  return contactSheet(rows, {
    side,
    title: `${patient}, slice ${slice}`,
    columns: present.map((name) => `to ${name}`),
  });
}
