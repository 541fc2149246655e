import type { PatientSlices } from './patient-slices.js';

/** What a baseline is computed from. */
interface BaselineInput {
  readonly slices: PatientSlices;
  readonly source: string;
  readonly target: string;
  /** Quantile table of the target in the training cases, on [0, 1]; absent when unknown. */
  readonly targetQuantiles?: readonly number[];
}

/** A prediction that needs no network. */
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
  /** @returns [n, S, S] on [0, 1]; null where it is unknown */
  readonly predict: (input: BaselineInput) => Float32Array | null;
}

/**
 * Every baseline in the order of tables; the keys are those of `report.json`. A row here is all that a baseline
 * needs: scores, differences, report, schema, CSV files and pages follow.
 */
export const baselines = {
  copy: {
    always: true,
    head: 'copy',
    label: 'copied source',
    meaning: 'the source itself as the prediction',
    schema: {
      scores: 'the source itself as the prediction',
      difference: 'paired: the translation’s figure less that of the copy',
    },
    predict: ({ slices, source }) => slices.real[source]!,
  },
  histogramMatched: {
    always: false,
    head: 'histogram-matched',
    label: 'histogram-matched source',
    meaning: "the source given the target's distribution in the training cases, by rank; null when unknown",
    schema: {
      scores: 'the source with the distribution of the target; null without a table of that distribution',
      difference: 'paired: less that of the histogram-matched source',
    },
    predict: ({ slices, source, targetQuantiles }) =>
      targetQuantiles === undefined ? null : slices.histogramMatched(source, targetQuantiles),
  },
} as const satisfies Readonly<Record<string, Baseline>>;

/** Key of a baseline. */
export type BaselineName = keyof typeof baselines;

/** Keys of all baselines in the order of tables. */
export const baselineNames = Object.keys(baselines) as readonly BaselineName[];

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
