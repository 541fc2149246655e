/** Slices of held-out patients with what a network in training made of them, to look at. */
export interface SampleSheet {
  /** Pixels along each side of a tile. */
  readonly side: number;
  readonly columns: readonly string[];
  readonly rows: readonly SampleRow[];
}

/** A slice from one of its modalities; null leaves a place empty. */
export interface SampleRow {
  readonly label: string;
  readonly tiles: readonly (SampleTile | null)[];
}

/** One picture. */
interface SampleTile {
  /** [S,S] in [−1, 1]. */
  readonly values: Float32Array;
  /** [S,S], 1 in the tumour. */
  readonly outline: Uint8Array;
  readonly caption: string;
}
