import type { Graph } from '../engine/graph/graph.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { ParameterSpec } from '../nn/parameters.js';
import type { AdamSettings } from '../training/adam.js';

/** Another way to train a translator, to compare with. Its generator is called G. */
export interface Rival {
  /** Names its folder, and what is drawn at its start. */
  readonly name: string;
  /** The networks that it learns, by the prefix of their tensors: G, its critics, others. */
  readonly networks: Readonly<Record<string, readonly ParameterSpec[]>>;
  /** Updates as those of UTAD-Net: inputs by the same names, outputs `next.*` and `term.*`. */
  readonly criticUpdate: () => Graph;
  readonly generatorUpdate: () => Graph;
  /** The network in use; inputs and output as of `translationGraph`. */
  readonly translation: (batchSize: number) => Graph;
  /** Modalities, by index, of those that learn a pair only: half of a batch is of each, the first one's first. */
  readonly pair?: Pair;
}

/** Two modalities by index. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/** What fixes a rival's programs. */
export interface RivalSetup {
  /** Widths and sizes; options that only UTAD-Net's generator has are ignored. */
  readonly model: ModelConfiguration;
  readonly batchSize: number;
  readonly adam: AdamSettings;
  /** Share of the generator's moving average that stays at each update; 0 for no average. */
  readonly averageDecay: number;
}
