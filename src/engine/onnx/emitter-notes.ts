import type { Shape } from '../../base/shapes.js';

/** source · scale + shift + plus: source and plus in blocks, scale and shift one number a plane. */
export interface PlaneMap {
  readonly source: string;
  /** [N,C,1,1]; 1 when left out. */
  readonly scale?: string;
  /** [N,C,1,1]; 0 when left out. */
  readonly shift?: string;
  readonly plus?: string;
}

/** A kernel gradient at stride 1. */
export interface KernelGradientSizes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly features: number;
  readonly rows: number;
  readonly columns: number;
  readonly padding: number;
  readonly kernel: number;
}

/** A kernel gradient as a convolution. */
export interface KernelCorrelation {
  readonly image: string;
  readonly kernel: string;
  readonly size: readonly [rows: number, columns: number];
  /** What the gradient of the convolution's result is here. */
  readonly gradient: 'kernel' | 'image';
  readonly of: KernelGradientSizes;
  /** What is added to the result, as it leaves the convolution. */
  readonly plus?: string;
}

/** What a value is another shape of. */
interface View {
  readonly source: string;
  readonly shape: Shape;
}

/** What is known of values that were written, by their names, for what is written after them. */
export interface Notes {
  /** The name in the blocked layout of what was written there first, by its plain name. */
  readonly blockedForms: Map<string, string>;
  /** How values in the blocked layout were made of others. */
  readonly planeMaps: Map<string, PlaneMap>;
  /** Products that doubled the columns of a value in the blocked layout, with that value's name there. */
  readonly doubledColumns: Map<string, string>;
  /** Kernel gradients that are convolutions. */
  readonly correlations: Map<string, KernelCorrelation>;
  /** Values that are others in another shape. */
  readonly views: Map<string, View>;
}

export const createNotes = (): Notes => ({
  blockedForms: new Map(),
  planeMaps: new Map(),
  doubledColumns: new Map(),
  correlations: new Map(),
  views: new Map(),
});
