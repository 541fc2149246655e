import { contactSheet, type SheetRow, type Tile } from '../report/contact-sheet.js';
import type { RgbImage } from '../report/rgb-image.js';
import type { JudgedSlices } from './evaluate-directions.js';

/** One slice of one patient in one direction; images [S, S] on [0, 1]. */
interface Example {
  readonly source: string;
  readonly target: string;
  readonly sourceSlice: Float32Array;
  readonly translated: Float32Array;
  readonly truth: Float32Array;
}

/** The pictures of one patient. */
export interface PatientSheets {
  readonly patient: string;
  /** Index of the slice in its volume. */
  readonly slice: number;
  readonly hasTumour: boolean;
  /** Every direction in a row: source, translation, truth, difference. */
  readonly directions: RgbImage;
  /** Sources as rows, targets as columns, the real images on the diagonal. */
  readonly overview: RgbImage;
}

/** Keeps one slice of each patient, the one with most tumour, and draws it. */
export interface SheetCollector {
  /** Takes what was judged; meant as `onResult` of an evaluation. */
  readonly add: (result: JudgedSlices) => void;
  /** Draws the sheets of all patients so far, in the order in which they came. */
  readonly draw: () => PatientSheets[];
}

interface PatientExamples {
  readonly side: number;
  readonly slice: number;
  readonly outline?: Uint8Array;
  readonly examples: Example[];
}

/** Difference that is drawn brightest. */
const differenceRange = 0.5;

/** Starts without patients. */
export function createSheetCollector(modalities: readonly string[]): SheetCollector {
  const patients = new Map<string, PatientExamples>();
  return {
    add: (result) => {
      const { patient, side, source, target } = result;
      const area = side * side;
      const position = mostTumour(result.tumour, result.sliceIndices.length, area);
      const part = <Data extends Float32Array | Uint8Array>(data: Data): Data =>
        data.slice(position * area, (position + 1) * area) as Data;
      const outline = result.tumour && part(result.tumour);
      const kept = patients.get(patient) ?? {
        side,
        slice: result.sliceIndices[position]!,
        ...(outline?.includes(1) ? { outline } : {}),
        examples: [],
      };
      kept.examples.push({
        source,
        target,
        sourceSlice: part(result.sourceSlices),
        translated: part(result.translated),
        truth: part(result.truth),
      });
      patients.set(patient, kept);
    },
    draw: () =>
      [...patients].map(([patient, kept]) => ({
        patient,
        slice: kept.slice,
        hasTumour: kept.outline !== undefined,
        directions: drawDirections(patient, kept),
        overview: drawOverview(patient, kept, modalities),
      })),
  };
}

function drawDirections(patient: string, { side, slice, outline, examples }: PatientExamples): RgbImage {
  const image = (values: Float32Array): Tile => ({ values, ...(outline ? { outline } : {}) });
  const rows = examples.map(
    ({ source, target, sourceSlice, translated, truth }): SheetRow => ({
      label: `${source} → ${target}`,
      tiles: [
        image(sourceSlice),
        image(translated),
        image(truth),
        { values: translated.map((value, i) => value - truth[i]!), kind: 'difference' },
      ],
    }),
  );
  return contactSheet(rows, {
    side,
    differenceRange,
    title: `${patient}, slice ${slice}`,
    columns: ['source', 'translated', 'truth', 'translated - truth'],
  });
}

function drawOverview(
  patient: string,
  { side, slice, examples }: PatientExamples,
  modalities: readonly string[],
): RgbImage {
  const present = modalities.filter((name) => examples.some(({ source }) => source === name));
  const rows = present.map(
    (source): SheetRow => ({
      label: `from ${source}`,
      tiles: present.map((target) => {
        if (source === target) {
          const own = examples.find((one) => one.source === source)!;
          return { values: own.sourceSlice, caption: 'real' };
        }
        const made = examples.find((one) => one.source === source && one.target === target);
        return made ? { values: made.translated, caption: 'translated' } : null;
      }),
    }),
  );
  return contactSheet(rows, {
    side,
    title: `${patient}, slice ${slice}`,
    columns: present.map((name) => `to ${name}`),
  });
}

/** Position of the slice with most tumour, or of the middle one when there is none. */
function mostTumour(tumour: Uint8Array | undefined, count: number, area: number): number {
  let [best, most] = [Math.floor(count / 2), 0];
  for (let i = 0; i < count; i++) {
    const pixels = tumour?.subarray(i * area, (i + 1) * area).reduce((sum, value) => sum + value, 0) ?? 0;
    if (pixels > most) [best, most] = [i, pixels];
  }
  return best;
}
