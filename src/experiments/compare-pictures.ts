import { directionName } from '../report/by-direction.js';
import { imageTile } from '../report/byte-image.js';
import { contactSheet } from '../report/contact-sheet.js';
import type { Tile } from '../report/draw-tile.js';
import { encodePng } from '../report/rgb-image.js';
import { methods } from './compare-methods.js';
import type { FinishedMethod } from './compare-result.js';

/** A sheet for each direction of the pair: a row a patient, a column a network, the first seed of each. */
export function comparisonPictures(
  finished: readonly FinishedMethod[],
): { readonly png: Uint8Array; readonly caption: string }[] {
  const first = finished.filter(
    ({ result }, i) => finished.findIndex((one) => one.result.method === result.method) === i,
  );
  const all = first.flatMap(({ pictures }) => pictures);
  const directions = [...new Set(all.map(directionName))];
  return directions.map((direction) => {
    const own = all.filter((one) => directionName(one) === direction);
    const patients = [...new Set(own.map(({ patient }) => patient))];
    const rows = patients.map((patient) => {
      const known = own.find((one) => one.patient === patient)!;
      const tile = (image: Uint8Array | undefined): Tile | null =>
        image === undefined ? null : imageTile(image, known.outline);
      const translations = first.map(({ pictures }) =>
        tile(pictures.find((one) => one.patient === patient && directionName(one) === direction)?.translated),
      );
      return { label: patient, tiles: [tile(known.given), ...translations, tile(known.truth)] };
    });
    const columns = [
      own[0]!.source,
      ...first.map(({ result }) => plainText(methods[result.method].label)),
      own[0]!.target,
    ];
    return {
      png: encodePng(contactSheet(rows, { side: own[0]!.side, columns })),
      caption: `${direction}: the source, each network’s translation, the truth; the slice with most tumour, outlined.`,
    };
  });
}

/** The sheets' letters are those of a bitmap font. */
function plainText(label: string): string {
  return label.replace('−', '-');
}
