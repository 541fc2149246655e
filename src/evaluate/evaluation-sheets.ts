import { directionName } from '../report/by-direction.js';
import { differenceTile, imageTile } from '../report/byte-image.js';
import { contactSheet, type SheetRow } from '../report/contact-sheet.js';
import type { Tile } from '../report/draw-tile.js';
import type { RgbImage } from '../report/rgb-image.js';
import { differenceRange } from './page-choices.js';
import type { PatientPictures, SlicePictures } from './patient-pictures.js';

/**
 * Every direction in a row: source, translation, truth, and their difference once the best gain and offset of the volume are taken out; in
 * the evaluated slice with most tumour, and again in the middle one.
 */
export function directionsSheet({ patient, middle, ...first }: PatientPictures): RgbImage {
  const shown = [first, ...(middle ? [middle] : [])];
  const rows = first.translated.map(
    ({ source, target }): SheetRow => ({
      label: directionName({ source, target }),
      tiles: shown.flatMap((pictures) => directionTiles(pictures, source, target)),
    }),
  );
  const of = ({ slice }: SlicePictures): string => `slice ${slice}`;
  return contactSheet(rows, {
    side: first.side,
    differenceRange,
    title: `${patient}, ${shown.map(of).join(' and ')}; difference: translated - truth, without the gain and offset of the volume`,
    columns: shown.flatMap((one) => [`source, ${of(one)}`, 'translated', 'truth', 'difference']),
  });
}

function directionTiles(
  { real, translated, outline }: SlicePictures,
  source: string,
  target: string,
): (Tile | null)[] {
  const { image, fitted } = translated.find((one) => one.source === source && one.target === target)!;
  const [given, truth] = [real[source], real[target]!];
  return [
    given ? imageTile(given, outline) : null,
    imageTile(image, outline),
    imageTile(truth, outline),
    differenceTile(fitted, truth),
  ];
}

/** Sources as rows, targets as columns, the real images on the diagonal; several sources together come last. */
export function overviewSheet({ patient, side, slice, real, translated }: PatientPictures): RgbImage {
  const present = Object.keys(real);
  const several = translated.map(({ source }) => source).filter((source) => !present.includes(source));
  const rows = [...present, ...new Set(several)].map(
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
