/** What is known of a training slice besides its pixels. */
export interface SliceEntry {
  readonly caseId: string;
  /** Index into the network's modalities. */
  readonly modality: number;
  /** Index of the slice in its prepared volume, from the bottom. */
  readonly slice: number;
  readonly hasTumour: boolean;
}

/** Prepared training slices, read one at a time. */
export interface SliceStore {
  readonly count: number;
  /** Pixels along each side. */
  readonly side: number;
  readonly entries: readonly SliceEntry[];
  /** The slice in [−1, 1] and its tumour mask (0 or 1), both [S, S]. */
  readonly read: (index: number) => { readonly image: Float32Array; readonly mask: Uint8Array };
  readonly close: () => void;
}
