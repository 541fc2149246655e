/** What a translation from file to file consists of, in its order. */
export const phases = ['load', 'read', 'prepare', 'network', 'restore', 'write'] as const;
export type Phase = (typeof phases)[number];

/** One translation from file to file. */
export interface VolumeWork {
  readonly name: string;
  readonly model: string;
  readonly volume: string;
  readonly out: string;
  readonly threads: number;
}

/** Seconds of every phase, on the clock and of the processor. */
export interface VolumeRepetition {
  readonly seconds: Readonly<Record<Phase, number>>;
  readonly processorSeconds: Readonly<Record<Phase, number>>;
  readonly peakBytes: number;
  /** Slices that hold brain. */
  readonly slices: number;
}
