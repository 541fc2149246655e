import { readConfiguration } from '../base/read-configuration.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import type { AdamSettings } from '../training/adam.js';
import type { LossColumn } from '../training/loss-table.js';
import type { Method, Update } from '../training/method.js';
import { initialNetworks, type Networks } from '../training/networks.js';
import {
  type TrainingConfiguration,
  trainingConfigurationSchema,
} from '../training/training-configuration.js';
import { openTranslationBatches, type Pair } from './translation-batches.js';
import type { TranslationScore } from './translation-score.js';
import { translationValidation } from './translation-validation.js';
import type { ValidationSlice } from './validation-slices.js';

/** A way to train a network that translates slices. Its generator is called G. */
export interface TranslatorMethod extends Method<TranslationScore, readonly ValidationSlice[]> {
  readonly configuration: TrainingConfiguration;
}

/** What a translator has of its own. */
interface TranslatorParts {
  readonly name: string;
  readonly model: ModelConfiguration;
  /** Networks that are trained: G, its critics, others. */
  readonly networks: Networks;
  readonly frozen?: Networks;
  readonly losses: readonly LossColumn[];
  /** Starting values of all networks; drawn for each one when left out. */
  readonly start?: () => Promise<Tensors>;
  readonly updates: TranslatorMethod['updates'];
  readonly joinsUpdates?: boolean;
  /**
   * The generator in evaluation mode: `image` and `mask` [N,1,S,S], `source` and `target` [N,M], and `contextSlices`
   * [N,2k,S,S] to `translated` [N,1,S,S]; or `sources` [N,M,S,S] and `present` [N,M] in the place of the first. It may
   * leave out inputs.
   */
  readonly inference: (batchSize: number) => Graph;
  /** Modalities, by index, of those that learn a pair only: half of a batch is of each, the first one's first. */
  readonly pair?: Pair;
  readonly writeModel?: TranslatorMethod['writeModel'];
}

/** What all translators have in common, made a method. */
export function translatorMethod(
  configuration: TrainingConfiguration,
  { name, model, pair, ...parts }: TranslatorParts,
): TranslatorMethod {
  const {
    seed,
    model: { modalities, network, contextSlices = 0 },
    data: { minimumBrainFraction },
  } = configuration;
  const { networks, frozen = {}, joinsUpdates = false, writeModel = null } = parts;
  const drawn = async (): Promise<Tensors> =>
    initialNetworks(networks, seed, (prefix) => `${name} ${prefix}`);
  return {
    name,
    configuration,
    readConfiguration: (stored, where) => readConfiguration(trainingConfigurationSchema, stored, where),
    networks,
    frozen,
    output: 'G',
    averageDecay: configuration.optimiser.averageDecay,
    losses: parts.losses,
    start: parts.start ?? drawn,
    updates: parts.updates,
    joinsUpdates,
    slices: {
      modalities,
      minimumBrainFraction,
      contextSlices,
      ...(network === 'any-source' ? { aligned: true } : {}),
    },
    openBatches: (store) => openTranslationBatches(store, configuration, name, pair),
    inference: parts.inference,
    validation: translationValidation(configuration, model, parts.inference),
    writeModel,
  };
}

/** A critics' update and a generator's, which follows every n-th of them. */
export function criticAndGenerator(
  { schedule: { generatorEvery } }: Pick<TrainingConfiguration, 'schedule'>,
  critic: (() => Graph) | null,
  generator: () => Graph,
  criticRate = 1,
): Update[] {
  return [
    ...(critic === null ? [] : [{ label: 'critic', graph: critic, every: 1, rateFactor: criticRate }]),
    { label: 'generator', graph: generator, every: generatorEvery, rateFactor: 1 },
  ];
}

/** What fixes the update programs of a translator. */
export interface TranslatorSetup {
  /** Widths and sizes; options that only UTAD-Net's generator has are ignored by others. */
  readonly model: ModelConfiguration;
  readonly batchSize: number;
  readonly adam: AdamSettings;
  /** Share of the generator's moving average that stays at each update; 0 for no average. */
  readonly averageDecay: number;
}

/** See {@link TranslatorSetup}. */
export function translatorSetup(
  { schedule: { batchSize }, optimiser: { beta1, beta2, averageDecay } }: TrainingConfiguration,
  model: ModelConfiguration,
): TranslatorSetup {
  return { model, batchSize, adam: { beta1, beta2 }, averageDecay };
}
