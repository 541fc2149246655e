/** What is known of a training slice besides its pixels. */
export interface SliceEntry {
  readonly caseId: string;
  /** Index into the network's modalities. */
  readonly modality: number;
  /** Index of the slice in its prepared volume, from the bottom. */
  readonly slice: number;
  readonly hasTumour: boolean;
  /** True where the case has no mask: what is in the slice's mask then says nothing. */
  readonly unmasked?: boolean | undefined;
}

/** The intensities that a prepared volume's 0 and 1 stood for, in its file's unit. */
export interface PreparedRange {
  readonly caseId: string;
  /** Index into the network's modalities. */
  readonly modality: number;
  readonly low: number;
  readonly high: number;
  /** Volume and longest extent of the brain, where they are known. */
  readonly volumeMl?: number | undefined;
  readonly longestMm?: number | undefined;
}

/** One training slice, [S, S]. */
export interface StoredSlice {
  /** In [−1, 1], −1 outside the brain. */
  readonly image: Float32Array;
  /** 1 in the whole tumour; bit i in the i-th region, where the store was made with regions. */
  readonly mask: Uint8Array;
  /** 1 in the brain. */
  readonly brain: Uint8Array;
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
  /** The slice in [−1, 1], its tumour mask and its brain mask (0 or 1), all [S, S]. */
  readonly read: (index: number) => StoredSlice;
  /** How many slices below and above each one are kept, be they training slices or not. */
  readonly contextSlices: number;
  /**
   * The slice so far above another one in its volume, below it where the offset is negative; the slice itself where the
   * volume ends.
   *
   * @throws UtadError bad-argument when the offset is farther than `contextSlices`.
   */
  readonly readContextSlice: (index: number, offset: number) => StoredSlice;
  readonly close: () => void;
}
