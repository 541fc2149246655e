import type { PatientSlices } from './patient-slices.js';
import type { SquareSlices } from './square-slices.js';

/** One slice of a patient for people to look at; images [S, S] in 256 steps of [0, 1], which is all that screens show. */
export interface SlicePictures {
  readonly side: number;
  /** Index of the slice in its volume. */
  readonly slice: number;
  /** [S, S], 1 in the tumour; absent when the slice has none. */
  readonly outline?: Uint8Array;
  /** Modality → the real image. */
  readonly real: Readonly<Record<string, Uint8Array>>;
  readonly translated: readonly TranslatedPicture[];
  /** From all other modalities, where translations were fused. */
  readonly fused?: readonly FusedPicture[];
}

/** The slices of a patient that are shown: the evaluated one with most tumour, or the middle one where there is none. */
export interface PatientPictures extends SlicePictures {
  readonly patient: string;
  /** The middle one of the evaluated slices; absent where it is shown already. */
  readonly middle?: SlicePictures;
}

/** A translation of one slice. */
interface TranslatedPicture {
  readonly source: string;
  readonly target: string;
  readonly image: Uint8Array;
  /** The image after the gain and the offset that bring the volume nearest to the truth. */
  readonly fitted: Uint8Array;
}

/** From all sources; [S, S] in 256 steps of [0, 1]. */
export interface FusedPicture {
  readonly target: string;
  readonly sources: readonly string[];
  readonly fused: Uint8Array;
  /** In 256 steps of [0, 0.25]. */
  readonly spread: Uint8Array;
}

/** Collects the pictures of a patient. */
interface PictureCollector {
  /** Both [n, rows, columns] on [0, 1]. */
  readonly add: (source: string, target: string, image: Float32Array, fitted: Float32Array) => void;
  readonly all: () => PatientPictures;
}

/** Chooses the slices to show and collects their translations. */
export function collectPictures(
  patient: string,
  square: SquareSlices,
  slices: PatientSlices,
): PictureCollector {
  const { shown } = slices;
  const first = collectSlice(square, slices, shown.tumour ?? shown.middle);
  const second =
    shown.tumour === null || shown.tumour === shown.middle
      ? undefined
      : collectSlice(square, slices, shown.middle);
  return {
    add: (...one) => {
      first.add(...one);
      second?.add(...one);
    },
    all: () => ({ patient, ...first.all(), ...(second ? { middle: second.all() } : {}) }),
  };
}

function collectSlice(square: SquareSlices, { chosen, masks, real }: PatientSlices, position: number) {
  const show = pictureOf(square, position, chosen.evaluated.length);
  const outline = masks.tumour && square.of(sliceAt(masks.tumour, position, chosen.evaluated.length));
  const translated: TranslatedPicture[] = [];
  return {
    add: (source: string, target: string, image: Float32Array, fitted: Float32Array): void =>
      void translated.push({ source, target, image: show(image, 255), fitted: show(fitted, 255) }),
    all: (): SlicePictures => ({
      side: square.side,
      slice: chosen.evaluated[position]!,
      ...(outline?.includes(1) ? { outline } : {}),
      real: Object.fromEntries(Object.entries(real).map(([name, image]) => [name, show(image, 255)])),
      translated,
    }),
  };
}

/**
 * Pictures of one of n slices.
 *
 * @returns of [n, rows, columns], that slice as [S, S], times a factor in whole numbers from 0 to 255
 */
export function pictureOf(
  square: SquareSlices,
  position: number,
  count: number,
): (image: Float32Array, factor: number) => Uint8Array {
  return (image, factor) =>
    Uint8Array.from(square.of(sliceAt(image, position, count)), (value) =>
      Math.min(255, Math.max(0, Math.round(factor * value))),
    );
}

function sliceAt<Data extends Float32Array | Uint8Array>(image: Data, position: number, count: number): Data {
  const area = image.length / count;
  return image.slice(position * area, (position + 1) * area) as Data;
}
