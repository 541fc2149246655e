import type { KernelCorrelation } from './onnx-blocked-kernel-gradient.js';
import type { PlaneMap } from './onnx-blocked-planes.js';
import type { View } from './onnx-view.js';

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
