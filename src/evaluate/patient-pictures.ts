import type { PatientSlices } from './patient-slices.js';

/** One slice of a patient for people to look at; images [S, S] in 256 steps of [0, 1], which is all that screens show. */
export interface PatientPictures {
  readonly patient: string;
  readonly side: number;
  /** Index of the slice in its volume: the evaluated one with most tumour, or the middle one. */
  readonly slice: number;
  /** [S, S], 1 in the tumour; absent when the slice has none. */
  readonly outline?: Uint8Array;
  /** Modality → the real image. */
  readonly real: Readonly<Record<string, Uint8Array>>;
  readonly translated: readonly TranslatedPicture[];
  /** From all other modalities, where translations were fused. */
  readonly fused?: readonly FusedPicture[];
}

/** A translation of one slice. */
interface TranslatedPicture {
  readonly source: string;
  readonly target: string;
  readonly image: Uint8Array;
}

/** The evaluated slice with most tumour, from all sources; [S, S] in 256 steps of [0, 1]. */
export interface FusedPicture {
  readonly target: string;
  readonly sources: readonly string[];
  readonly fused: Uint8Array;
  /** In 256 steps of [0, 0.25]. */
  readonly spread: Uint8Array;
}

/** Collects the pictures of a patient. */
interface PictureCollector {
  /** @param image [n, S, S] on [0, 1] */
  readonly add: (source: string, target: string, image: Float32Array) => void;
  readonly all: () => PatientPictures;
}

/** Chooses the slice to show and collects its translations. */
export function collectPictures(patient: string, side: number, slices: PatientSlices): PictureCollector {
  const { area, chosen, masks, real, show, shown } = slices;
  const outline = masks.tumour?.slice(shown * area, (shown + 1) * area);
  const translated: TranslatedPicture[] = [];
  return {
    add: (source, target, image) => void translated.push({ source, target, image: show(image, 255) }),
    all: () => ({
      patient,
      side,
      slice: chosen.evaluated[shown]!,
      ...(outline?.includes(1) ? { outline } : {}),
      real: Object.fromEntries(Object.entries(real).map(([name, image]) => [name, show(image, 255)])),
      translated,
    }),
  };
}
