import type { ZodType } from 'zod';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import type { SliceStore } from '../slices/slice-store.js';
import type { LossColumn } from './loss-table.js';
import type { Networks } from './networks.js';
import type { SampleSheet } from './sample-sheet.js';
import type { FiguresOf, TrainingState } from './state.js';
import type { Scalars } from './tensorboard.js';
import type { TrainingConfiguration } from './training-configuration.js';

/**
 * A way to train networks, from their start to a model file: all that the loop, the checkpoints, the run folder and the
 * reports need to know of it.
 *
 * `Score` is what a validation says; `Held` is what is kept of a held-out patient.
 */
export interface Method<Score, Held> {
  /** Names its folder and its checkpoints, and seeds what is drawn. */
  readonly name: string;
  readonly configuration: MethodConfiguration;
  /** A configuration that was stored with a checkpoint, with the defaults of fields that it lacks. @throws UtadError */
  readonly readConfiguration: (stored: unknown, where: string) => MethodConfiguration;
  /** Networks that are trained, by the prefix of their tensors. */
  readonly networks: Networks;
  /** Networks that are used and stay as they are, such as a student's teacher. */
  readonly frozen: Networks;
  /** Prefix of the network that is used after training; of its tensors a moving average may be kept. */
  readonly output: string;
  /** Share of the moving average that stays at each update; 0 for no average. */
  readonly averageDecay: number;
  /** What its losses are called in the journal, `<update>.<term>`, and in charts; those without a title are not drawn. */
  readonly losses: readonly LossColumn[];
  /** Starting values of all networks, `<prefix>.<name>`. */
  readonly start: () => Promise<Tensors>;
  /** The updates of an iteration, in this order. */
  readonly updates: (store: Pick<SliceStore, 'entries'>) => readonly Update[];
  /** Whether two updates begin with the same pass, so that one program for both saves time. */
  readonly joinsUpdates: boolean;
  /** Which slices of a patient it takes. */
  readonly slices: SliceSelection;
  readonly openBatches: (store: SliceStore) => Batches;
  /** The network that is used after training, with its parameters as inputs. */
  readonly inference: (batchSize: number) => Graph;
  readonly validation: Validation<Score, Held>;
  /** Writes the chosen state as a model file; null where there is no format for it. */
  readonly writeModel:
    | ((state: TrainingState<Score>, facts: ModelFacts<Score, Held>) => Promise<Uint8Array>)
    | null;
}

/** The part of a configuration that every method has. */
export interface MethodConfiguration extends Pick<TrainingConfiguration, 'seed'> {
  readonly optimiser: Omit<TrainingConfiguration['optimiser'], 'averageDecay'>;
  readonly schedule: Omit<TrainingConfiguration['schedule'], 'generatorEvery'>;
  readonly validation: Pick<TrainingConfiguration['validation'], 'every'>;
}

/** One update of some networks. */
export interface Update {
  /** Names it in messages, and its losses in the journal. */
  readonly label: string;
  /** Inputs: the batch, the state, Adam's factors; outputs: `next.*` and `term.*`. */
  readonly graph: () => Graph;
  /** Done in every n-th iteration. */
  readonly every: number;
  /** Its learning rate by that of the schedule. */
  readonly rateFactor: number;
}

/** Which slices of a patient a method takes. */
export interface SliceSelection {
  readonly modalities: readonly string[];
  /** Regions that are distinguished in the masks; the whole tumour alone when left out. */
  readonly regions?: readonly string[];
  readonly minimumBrainFraction: number;
  /** Slices below and above each one. */
  readonly contextSlices: number;
  /** Whether all modalities of a patient are laid around one centre, so that the same pixel is the same place. */
  readonly aligned?: boolean;
}

/** The batches of a training. */
export interface Batches {
  readonly perEpoch: number;
  /** Inputs of the update programs in an iteration, from 0. */
  readonly at: (iteration: number) => Tensors;
}

/** How a method is scored on held-out patients while it trains. */
export interface Validation<Score, Held> {
  /** A score in the journal. */
  readonly scoreSchema: ZodType<Score>;
  /** Its figures in a checkpoint. */
  readonly figuresSchema: ZodType<FiguresOf<Score>>;
  /** How good a score is; the highest one chooses the best checkpoint. */
  readonly merit: (figures: FiguresOf<Score>) => number;
  /** The score in a line. */
  readonly describe: (score: Score) => string;
  readonly scalars: (score: Score) => Scalars;
  /** The parts of a score, for the page about a run. */
  readonly details: (score: Score) => ScoreTable;
  readonly charts: readonly FigureChart<Score>[];
  /** Evenly spaced slices of a held-out patient. */
  readonly choose: (patient: PreparedPatient, most: number) => Held;
  /** @returns null where nothing is held out and the method does without */
  readonly open: (runtime: Runtime, held: readonly Held[]) => Promise<Validator<Score> | null>;
}

/** The parts of a score as a table. */
export interface ScoreTable {
  /** What a row is, then the figures. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure of the validations over a training. */
interface FigureChart<Score> {
  readonly title: string;
  readonly label: string;
  readonly caption: string;
  readonly value: (score: Score) => number;
}

/** Scores a network in training on held-out slices. */
export interface Validator<Score> {
  /** @param network the tensors of the network in use, with their prefix */
  readonly score: (network: Tensors) => Promise<Validated<Score>>;
  readonly close: () => Promise<void>;
}

/** A score, and samples of what was scored; null where there are none to look at. */
interface Validated<Score> {
  readonly score: Score;
  readonly samples: SampleSheet | null;
}

/** What a model file says beside the weights. */
export interface ModelFacts<Score, Held> {
  readonly recipe: PreparationRecipe;
  readonly store: SliceStore;
  readonly trainingCases: readonly string[];
  readonly validationCases: readonly string[];
  /** The validation that chose the state; null where there was none. */
  readonly validation: Score | null;
  readonly held: readonly Held[];
  readonly runtime: Runtime;
  readonly codeVersion: string;
  /** ISO 8601. */
  readonly created: string;
}
