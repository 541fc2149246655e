import { jointMoments } from '../metrics/linear-fit.js';
import type { ComparedPatient } from './compared-patient.js';
import type { PatientSlices } from './patient-slices.js';
import { brainOfSources, type SourcesAndTarget } from './protocol.js';

/** What a baseline is computed from. */
interface BaselineInput extends SourcesAndTarget {
  readonly patient: ComparedPatient;
  readonly slices: PatientSlices;
  /** Slices that are looked at; what is in the others does not matter. */
  readonly places: readonly number[];
  /** Quantile table of the target in the training cases, on [0, 1]; absent when unknown. */
  readonly targetQuantiles?: readonly number[];
  /** The fitted local regression; absent when there is none. */
  readonly regress?: RegressFrom;
}

/**
 * A local regression of a patient's target on its sources.
 *
 * @param places slices that are wanted; the others stay 0
 * @returns [K, rows, columns] on [0, 1]; null where none was fitted for these
 */
export type RegressFrom = (
  patient: ComparedPatient,
  from: SourcesAndTarget,
  places: readonly number[],
) => Promise<Float32Array | null>;

/** A prediction that needs no network of ours. */
interface Baseline {
  /** There is one for every direction. */
  readonly always: boolean;
  /** Name in tables and CSV files. */
  readonly head: string;
  /** In words, for pages. */
  readonly label: string;
  /** In the words of a report's definitions. */
  readonly meaning: string;
  /** The same for its schema, and of its paired difference. */
  readonly schema: { readonly scores: string; readonly difference: string };
  /** @returns [K, rows, columns] on [0, 1]; null where it is unknown */
  readonly predict: (input: BaselineInput) => Promise<Float32Array | null> | Float32Array | null;
}

/**
 * Every baseline in the order of tables; the keys are those of `report.json`. A row here is all that a baseline
 * needs: scores, differences, report, schema, CSV files and pages follow.
 */
export const baselines = {
  constant: {
    always: true,
    head: 'constant',
    label: 'constant',
    meaning:
      'one value in the brain of the sources: the mean of the target in the training cases by the model’s quantile table, or the source’s own mean where the model has none',
    schema: {
      scores: 'one value in the brain that does not look at the truth',
      difference: 'paired: the translation’s figure less that of the constant',
    },
    predict: constantOf,
  },
  truthMean: {
    always: true,
    head: 'mean of the truth',
    label: 'constant of the truth’s mean (upper bound)',
    meaning:
      'one value in the brain of the sources: the truth’s own mean in the brain of the evaluated slices, which nobody knows beforehand: no constant has a smaller squared error',
    schema: {
      scores: 'one value in the brain: the mean of the truth, an upper bound of what a constant can reach',
      difference: 'paired: less that of the truth’s mean',
    },
    predict: (input) => {
      const truth = input.slices.real[input.target]!;
      return filledBrain(input, jointMoments(truth, truth, input.slices.masks.brain).meanFirst);
    },
  },
  copy: {
    always: true,
    head: 'copy',
    label: 'copied source',
    meaning: 'the source itself as the prediction; of several the mean of those that have brain there',
    schema: {
      scores: 'the source itself as the prediction',
      difference: 'paired: the translation’s figure less that of the copy',
    },
    predict: (input) => meanOfSources(input, (source) => input.patient.modalities[source]!.unit),
  },
  histogramMatched: {
    always: false,
    head: 'histogram-matched',
    label: 'histogram-matched source',
    meaning:
      "the source given the target's distribution in the training cases, by rank; of several the mean; null when unknown",
    schema: {
      scores: 'the source with the distribution of the target; null without a table of that distribution',
      difference: 'paired: less that of the histogram-matched source',
    },
    predict: (input) => {
      const { slices, targetQuantiles } = input;
      if (targetQuantiles === undefined) return null;
      return meanOfSources(input, (source) => slices.histogramMatched(source, targetQuantiles));
    },
  },
  regression: {
    always: false,
    head: 'local regression',
    label: 'local regression',
    meaning:
      'a function of each voxel’s own neighbourhood in the sources (value, Gaussian means of sigma 3, 6 and 12 mm in the slice, share of brain), two hidden layers of 64, fitted to pairs of training patients; null without training patients',
    schema: {
      scores: 'a fitted function of each voxel’s neighbourhood; null without training patients',
      difference: 'paired: less that of the local regression',
    },
    predict: ({ regress, patient, sources, target, places }) =>
      regress?.(patient, { sources, target }, places) ?? null,
  },
} as const satisfies Readonly<Record<string, Baseline>>;

/** Key of a baseline. */
export type BaselineName = keyof typeof baselines;

/** Keys of all baselines in the order of tables. */
export const baselineNames = Object.keys(baselines) as readonly BaselineName[];

/** A baseline by its key. */
export function baselineOf(name: BaselineName): Baseline {
  return baselines[name];
}

/** A value for every baseline; null where one is unknown. */
export type OfBaselines<Value> = {
  readonly [Name in BaselineName]: (typeof baselines)[Name]['always'] extends true ? Value : Value | null;
};

/** A network's translation and the baselines, in the order of tables. */
export const predictionNames = ['translation', ...baselineNames] as const;

/** Name of a prediction. */
export type PredictionName = (typeof predictionNames)[number];

/** Name of a prediction in tables and CSV files. */
export function predictionHead(name: PredictionName): string {
  return name === 'translation' ? name : baselines[name].head;
}

/** Where a report keeps the paired difference to a baseline: `minusCopy`. */
type DifferenceName = `minus${Capitalize<BaselineName>}`;

/** A value for every paired difference to a baseline. */
export function ofDifferences<Value>(valueFor: (name: BaselineName) => Value): Record<DifferenceName, Value> {
  const entries = baselineNames.map((name) => [differenceName(name), valueFor(name)] as const);
  return Object.fromEntries(entries) as Record<DifferenceName, Value>;
}

/** See {@link DifferenceName}. */
export function differenceName<Name extends BaselineName>(name: Name): `minus${Capitalize<Name>}` {
  return `minus${name.charAt(0).toUpperCase()}${name.slice(1)}` as `minus${Capitalize<Name>}`;
}

/** The mean that a quantile table stands for: it is linear between its quantiles. */
function meanOfTable(table: readonly number[]): number {
  const between = table.slice(1).map((value, i) => (value + table[i]!) / 2);
  return between.reduce((sum, value) => sum + value, 0) / between.length;
}

function constantOf(input: BaselineInput): Float32Array {
  const { targetQuantiles, slices } = input;
  if (targetQuantiles !== undefined) return filledBrain(input, meanOfTable(targetQuantiles));
  const means = input.sources.map((source) => {
    const image = slices.real[source]!;
    return jointMoments(image, image, slices.brain[source]!).meanFirst;
  });
  return filledBrain(input, means.reduce((sum, value) => sum + value, 0) / means.length);
}

function filledBrain({ patient, sources }: BaselineInput, value: number): Float32Array {
  const brain = brainOfSources(patient, sources);
  const out = new Float32Array(brain.length);
  for (let i = 0; i < out.length; i++) if (brain[i]) out[i] = value;
  return out;
}

/** The mean of an image of each source over those that have brain at a voxel. */
function meanOfSources(
  { patient: { modalities }, sources }: BaselineInput,
  imageOf: (source: string) => Float32Array,
): Float32Array {
  if (sources.length === 1) return imageOf(sources[0]!);
  const sum = new Float32Array(modalities[sources[0]!]!.unit.length);
  const count = new Uint8Array(sum.length);
  for (const source of sources) {
    const image = imageOf(source);
    const { brain } = modalities[source]!;
    for (let i = 0; i < sum.length; i++) {
      if (!brain[i]) continue;
      sum[i]! += image[i]!;
      count[i]!++;
    }
  }
  return sum.map((value, i) => (count[i] ? value / count[i]! : 0));
}
