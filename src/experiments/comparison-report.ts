import { fromNames } from '../base/from-names.js';
import { createRandom, type Random } from '../base/random.js';
import { type BaselineName, baselineNames } from '../evaluate/baselines.js';
import type { PatientScores } from '../evaluate/evaluation-report.js';
import type { MeasureName } from '../evaluate/measures.js';
import type { RegionScores } from '../evaluate/score.js';
import type { MeanInterval } from '../metrics/bootstrap.js';
import type { Direction } from '../report/by-direction.js';
import { estimate, intervalOf, meanKnown, minus, type ValueOf } from '../report/estimate.js';
import { type MethodName, methodNames, type RowName, referenceMethod } from './compare-methods.js';

/** What is compared, and where. */
export const comparedMeasures = [
  'correlation',
  'fittedMae',
  'contrast',
  'ssim',
  'psnr',
  'mae',
] as const satisfies readonly MeasureName[];
export const comparedRegions = ['brain', 'tumour'] as const;

/** See {@link comparedMeasures} and {@link comparedRegions}. */
export type ComparedMeasure = (typeof comparedMeasures)[number];
export type ComparedRegion = (typeof comparedRegions)[number];

/** What one network reached on every test patient. */
export interface MethodResult {
  readonly method: MethodName;
  readonly seed: number;
  /** The device of the evaluated network: `cpu`, `webgpu`, … */
  readonly device: string;
  /** Batches that were presented in its training, that of its teacher included. */
  readonly iterations: number;
  /** Seconds of its updates, those of its teacher included. */
  readonly seconds: number;
  /** Parameters of the network in use. */
  readonly parameters: number;
  readonly patients: readonly PatientScores[];
}

/** A mean over patients, and its paired difference to the reference. */
export interface ComparedFigure extends MeanInterval {
  /** Patients that the mean is over: those that have the region and the directions. */
  readonly patients: number;
  /** Less the student's, of the same patients; null for the student itself and without one. */
  readonly lessStudent: MeanInterval | null;
  /** The mean of each seed, in their order; one for a baseline. */
  readonly seeds: readonly number[];
}

/** Figures of some directions together. */
export type RegionFigures = Readonly<
  Record<ComparedRegion, Readonly<Record<ComparedMeasure, ComparedFigure | null>>>
>;

/** One row of the tables. */
export interface ComparisonRow {
  readonly row: RowName;
  readonly seeds: readonly number[];
  /** Null for a baseline, as are the next two. */
  readonly iterations: number | null;
  /** Of all seeds together. */
  readonly seconds: number | null;
  readonly parameters: number | null;
  /** Means over every direction of a patient; null for a network that has not learnt all of them. */
  readonly all: RegionFigures | null;
  /** Means over both directions of the pair. */
  readonly pair: RegionFigures;
  readonly directions: readonly {
    readonly source: string;
    readonly target: string;
    readonly figures: RegionFigures;
  }[];
}

/** A prediction's scores by patient and direction. */
type ScoresOf = (patient: string, direction: Direction) => RegionScores | undefined;

/**
 * The rows: the baselines, then every network. Seeds of a network are first averaged patient by patient; intervals are
 * percentile bootstraps over patients.
 *
 * @param results of at least one network that was evaluated in every direction, or of the pair alone
 * @param pair two modalities
 */
export function comparisonRows(
  results: readonly MethodResult[],
  pair: readonly [string, string],
): ComparisonRow[] {
  const directions = directionsOf(results);
  const patients = [...new Set(results.flatMap((one) => one.patients.map(({ patient }) => patient)))];
  const tables = results.map((result) => ({ result, of: rowsOf(result) }));
  const scoresOf = (method: MethodName): ScoresOf[] =>
    tables.filter(({ result }) => result.method === method).map(({ of }) => of);
  /** Baselines are the same in every result that has the patient and direction. */
  const baseline =
    (name: BaselineName): ScoresOf =>
    (patient, direction) => {
      const first = tables.find(({ of }) => of(patient, direction));
      return first?.of(patient, direction)?.[name] ?? undefined;
    };
  const reference = scoresOf(referenceMethod);
  const rowOf = (
    row: RowName,
    own: readonly ScoresOf[],
  ): Pick<ComparisonRow, 'row' | 'all' | 'pair' | 'directions'> => {
    const figures = (some: readonly Direction[]): RegionFigures =>
      figuresOf(row, own, row === referenceMethod ? [] : reference, patients, some);
    const learnt = directions.filter((one) => patients.some((patient) => own[0]!(patient, one)));
    return {
      row,
      all: learnt.length === directions.length ? figures(directions) : null,
      pair: figures(directions.filter((one) => isOfPair(one, pair))),
      directions: learnt.map((one) => ({ ...one, figures: figures([one]) })),
    };
  };
  const noCost = { seeds: [], iterations: null, seconds: null, parameters: null };
  const known = baselineNames.filter((name) =>
    results.every((one) => one.patients.every((row) => row[name] !== null)),
  );
  return [
    ...known.map((name) => ({ ...noCost, ...rowOf(name, [baseline(name)]) })),
    ...methodNames.flatMap((method): ComparisonRow[] => {
      const own = results.filter((one) => one.method === method);
      if (own.length === 0) return [];
      const cost = {
        seeds: own.map(({ seed }) => seed),
        iterations: own[0]!.iterations,
        seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
        parameters: own[0]!.parameters,
      };
      return [{ ...cost, ...rowOf(method, scoresOf(method)) }];
    }),
  ];
}

/** Whether a direction is between the two modalities of a pair. */
function isOfPair({ source, target }: Direction, [first, second]: readonly [string, string]): boolean {
  return (source === first && target === second) || (source === second && target === first);
}

/** Every direction that was evaluated, in the order of the first network that knows all of them. */
function directionsOf(results: readonly MethodResult[]): Direction[] {
  const known = results.map(({ patients }) => {
    const seen = new Map(patients.map(({ source, target }) => [`${source} ${target}`, { source, target }]));
    return [...seen.values()];
  });
  return known.reduce((most, one) => (one.length > most.length ? one : most), []);
}

function rowsOf({ patients }: MethodResult) {
  const byKey = new Map(patients.map((one) => [`${one.patient} ${one.source} ${one.target}`, one]));
  return (patient: string, { source, target }: Direction): PatientScores | undefined =>
    byKey.get(`${patient} ${source} ${target}`);
}

function figuresOf(
  row: RowName,
  own: readonly ScoresOf[],
  reference: readonly ScoresOf[],
  patients: readonly string[],
  directions: readonly Direction[],
): RegionFigures {
  const key = directions.map(({ source, target }) => `${source} ${target}`).join(', ');
  const figure = (region: ComparedRegion, measure: ComparedMeasure): ComparedFigure | null => {
    const value =
      (of: ScoresOf): ValueOf<string> =>
      (patient) =>
        meanKnown(directions.map((one) => of(patient, one)?.[region]?.[measure]));
    const overSeeds =
      (seeds: readonly ScoresOf[]): ValueOf<string> =>
      (patient) =>
        meanKnown(seeds.map((of) => value(of)(patient)));
    const random = (what: string): Random => createRandom(0, 'comparison', row, key, region, measure, what);
    const found = estimate(patients, overSeeds(own), random('value'));
    if (found === null) return null;
    const less = estimate(patients, minus(overSeeds(own), overSeeds(reference)), random('less student'));
    return {
      ...found,
      lessStudent: less && intervalOf(less),
      seeds: own.map((of) => meanKnown(patients.map(value(of)))!),
    };
  };
  return fromNames(comparedRegions, (region) =>
    fromNames(comparedMeasures, (measure) => figure(region, measure)),
  );
}
