import type { PatientSlices } from './patient-slices.js';

/** One slice of a patient for people to look at; images [S, S] in 256 steps of [0, 1], which is all that screens show. */
export interface PatientPictures {
  readonly patient: string;
  readonly side: number;
  /** Index of the slice in its volume: the judged one with most tumour, or the middle one. */
  readonly slice: number;
  /** [S, S], 1 in the tumour; absent when the slice has none. */
  readonly outline?: Uint8Array;
  /** Modality → the real image. */
  readonly real: Readonly<Record<string, Uint8Array>>;
  readonly made: readonly MadePicture[];
}

/** What a network made of one slice. */
export interface MadePicture {
  /** A modality, or several joined by `+`. */
  readonly source: string;
  readonly target: string;
  readonly image: Uint8Array;
}

/** Collects the pictures of a patient. */
export interface PictureTaker {
  /** @param image [n, S, S] on [0, 1] */
  readonly take: (source: string, target: string, image: Float32Array) => void;
  readonly pictures: () => PatientPictures;
}

/** Chooses the slice to show and keeps what is made of it. */
export function takePictures(patient: string, side: number, slices: PatientSlices): PictureTaker {
  const { area, chosen, regions, real } = slices;
  const position = mostTumour(regions.tumour, chosen.judged.length, area);
  const part = <Data extends Float32Array | Uint8Array>(data: Data): Data =>
    data.slice(position * area, (position + 1) * area) as Data;
  const outline = regions.tumour && part(regions.tumour);
  const made: MadePicture[] = [];
  return {
    take: (source, target, image) => void made.push({ source, target, image: toBytes(part(image)) }),
    pictures: () => ({
      patient,
      side,
      slice: chosen.judged[position]!,
      ...(outline?.includes(1) ? { outline } : {}),
      real: Object.fromEntries(Object.entries(real).map(([name, image]) => [name, toBytes(part(image))])),
      made,
    }),
  };
}

/** A picture's values on [0, 1]. */
export function pictureValues(image: Uint8Array): Float32Array {
  return Float32Array.from(image, (value) => value / 255);
}

function toBytes(image: Float32Array): Uint8Array {
  return Uint8Array.from(image, (value) => Math.round(255 * value));
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
