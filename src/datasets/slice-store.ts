/** What is known of a training slice besides its pixels. */
export interface SliceEntry {
  readonly caseId: string;
  /** Index into the network's modalities. */
  readonly modality: number;
  /** Index of the slice in its prepared volume, from the bottom. */
  readonly slice: number;
  readonly hasTumour: boolean;
}

/** The intensities that a prepared volume's 0 and 1 stood for, in its file's unit. */
export interface PreparedRange {
  readonly caseId: string;
  /** Index into the network's modalities. */
  readonly modality: number;
  readonly low: number;
  readonly high: number;
}

/** Prepared training slices, read one at a time. */
export interface SliceStore {
  /** Changes whenever the input files or their preparation do. */
  readonly fingerprint: string;
  readonly count: number;
  /** Pixels along each side. */
  readonly side: number;
  readonly entries: readonly SliceEntry[];
  /** One for each volume that went in. */
  readonly ranges: readonly PreparedRange[];
  /** The slice in [−1, 1] and its tumour mask (0 or 1), both [S, S]. */
  readonly read: (index: number) => { readonly image: Float32Array; readonly mask: Uint8Array };
  readonly close: () => void;
}
