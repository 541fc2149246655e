import type { Graph } from './graph.js';
import type { Tensors } from './tensor.js';

/** A compiled graph. */
export interface Program {
  readonly graph: Graph;
  /**
   * Computes all outputs.
   *
   * @throws UtadError when an input is missing or has another shape.
   */
  readonly run: (
    inputs: Tensors,
  ) => Promise<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** Frees what the program holds; it cannot run afterwards. */
  readonly close: () => Promise<void>;
}

/** Where graphs are computed. */
export interface Runtime {
  /** The name a person would choose it by: `cpu`, `webgpu`, … */
  readonly device: string;
  readonly compile: (graph: Graph) => Promise<Program>;
}
