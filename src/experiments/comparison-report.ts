import { createRandom } from '../base/random.js';
import type { PatientScores } from '../evaluate/evaluation-report.js';
import type { MeasureName } from '../evaluate/measures.js';
import type { RegionScores } from '../evaluate/score.js';
import { bootstrapMean, type MeanInterval } from '../metrics/bootstrap.js';
import { type MethodName, methodNames, type RowName, referenceMethod } from './compare-methods.js';

/** What is compared, and where. */
export const comparedMeasures = ['ssim', 'psnr', 'mae'] as const satisfies readonly MeasureName[];
export const comparedRegions = ['brain', 'tumour'] as const;

/** See {@link comparedMeasures} and {@link comparedRegions}. */
export type ComparedMeasure = (typeof comparedMeasures)[number];
export type ComparedRegion = (typeof comparedRegions)[number];

/** What one network reached on every judged patient. */
export interface MethodResult {
  readonly method: MethodName;
  readonly seed: number;
  /** What computed the judged network: `cpu`, `webgpu`, … */
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
  /** The mean of each seed, in their order; one for an answer that needs no network. */
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
  /** Null for an answer that needs no network, as are the next two. */
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

/** A direction by the names of its modalities. */
export interface Direction {
  readonly source: string;
  readonly target: string;
}

/** One answer's scores by patient and direction. */
type Answer = (patient: string, direction: Direction) => RegionScores | undefined;

/**
 * The rows: the trivial answers, then every network. Seeds of a network are first averaged patient by patient; intervals are
 * percentile bootstraps over patients.
 *
 * @param results of at least one network that was judged in every direction, or of the pair alone
 * @param pair two modalities
 */
export function comparisonRows(
  results: readonly MethodResult[],
  pair: readonly [string, string],
): ComparisonRow[] {
  const directions = directionsOf(results);
  const patients = [...new Set(results.flatMap((one) => one.patients.map(({ patient }) => patient)))];
  const tables = results.map((result) => ({ result, of: answersOf(result) }));
  const answers = (method: MethodName): Answer[] =>
    tables
      .filter(({ result }) => result.method === method)
      .map(
        ({ of }): Answer =>
          (patient, direction) =>
            of(patient, direction),
      );
  const trivial = (pick: (scores: PatientScores) => RegionScores | null): Answer => {
    const first = tables.map(({ of }) => of);
    return (patient, direction) => {
      for (const of of first) {
        const scores = of(patient, direction);
        if (scores) return pick(scores) ?? undefined;
      }
      return undefined;
    };
  };
  const reference = answers(referenceMethod);
  const rowOf = (
    row: RowName,
    own: readonly Answer[],
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
  const hasMatched = results.every((one) => one.patients.every(({ matched }) => matched));
  return [
    { ...noCost, ...rowOf('copy', [trivial(({ copy }) => copy)]) },
    ...(hasMatched ? [{ ...noCost, ...rowOf('matched', [trivial(({ matched }) => matched)]) }] : []),
    ...methodNames.flatMap((method): ComparisonRow[] => {
      const own = results.filter((one) => one.method === method);
      if (own.length === 0) return [];
      const cost = {
        seeds: own.map(({ seed }) => seed),
        iterations: own[0]!.iterations,
        seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
        parameters: own[0]!.parameters,
      };
      return [{ ...cost, ...rowOf(method, answers(method)) }];
    }),
  ];
}

/** Whether a direction is between the two modalities of a pair. */
export function isOfPair({ source, target }: Direction, [first, second]: readonly [string, string]): boolean {
  return (source === first && target === second) || (source === second && target === first);
}

/** Every direction that was judged, in the order of the first network that knows all of them. */
function directionsOf(results: readonly MethodResult[]): Direction[] {
  const known = results.map(({ patients }) => {
    const seen = new Map(patients.map(({ source, target }) => [`${source} ${target}`, { source, target }]));
    return [...seen.values()];
  });
  return known.reduce((most, one) => (one.length > most.length ? one : most), []);
}

function answersOf({ patients }: MethodResult) {
  const byKey = new Map(patients.map((one) => [`${one.patient} ${one.source} ${one.target}`, one]));
  return (patient: string, { source, target }: Direction): PatientScores | undefined =>
    byKey.get(`${patient} ${source} ${target}`);
}

function figuresOf(
  row: RowName,
  own: readonly Answer[],
  reference: readonly Answer[],
  patients: readonly string[],
  directions: readonly Direction[],
): RegionFigures {
  const key = directions.map(({ source, target }) => `${source} ${target}`).join(', ');
  const figure = (region: ComparedRegion, measure: ComparedMeasure): ComparedFigure | null => {
    const value = (answer: Answer, patient: string): number | null =>
      mean(directions.flatMap((one) => answer(patient, one)?.[region]?.[measure] ?? []));
    const overSeeds = (answers: readonly Answer[], patient: string): number | null =>
      mean(answers.flatMap((answer) => value(answer, patient) ?? []));
    const pairs = patients.flatMap((patient) => {
      const mine = overSeeds(own, patient);
      return mine === null ? [] : [{ mine, theirs: overSeeds(reference, patient) }];
    });
    if (pairs.length === 0) return null;
    const interval = (values: readonly number[], what: string): MeanInterval =>
      bootstrapMean(values, createRandom(0, 'comparison', row, key, region, measure, what));
    const differences = pairs.flatMap(({ mine, theirs }) => (theirs === null ? [] : [mine - theirs]));
    return {
      ...interval(
        pairs.map(({ mine }) => mine),
        'value',
      ),
      patients: pairs.length,
      lessStudent: differences.length === 0 ? null : interval(differences, 'less student'),
      seeds: own.map((answer) => mean(patients.flatMap((patient) => value(answer, patient) ?? []))!),
    };
  };
  return Object.fromEntries(
    comparedRegions.map((region) => [
      region,
      Object.fromEntries(comparedMeasures.map((measure) => [measure, figure(region, measure)])),
    ]),
  ) as RegionFigures;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
