import type { Random } from '../base/random.js';
import { bootstrapMean, type MeanInterval } from '../metrics/bootstrap.js';

/** A mean over patients with its bootstrap interval. */
export interface Estimate extends MeanInterval {
  /** Patients that the mean is over; below 2 there is no interval. */
  readonly patients: number;
}

/** What a row, one a patient, has of a measure; null where it has nothing. */
export type ValueOf<Row> = (row: Row) => number | null;

/**
 * The mean of a measure over patients with its 95 % bootstrap interval over patients. Rows without a figure are left
 * out; null when none has one.
 *
 * @param rows one a patient
 * @param random decides the draws
 */
export function estimate<Row>(rows: readonly Row[], value: ValueOf<Row>, random: Random): Estimate | null {
  const values = rows.map(value).filter(isFigure);
  return values.length === 0 ? null : { ...bootstrapMean(values, random), patients: values.length };
}

/** The paired difference of two measures of a row; null where one of them is missing. */
export function minus<Row>(value: ValueOf<Row>, other: ValueOf<Row>): ValueOf<Row> {
  return (row) => {
    const [own, theirs] = [value(row), other(row)];
    return own === null || theirs === null ? null : own - theirs;
  };
}

/** The mean of the figures among some values; null of none. */
export function meanKnown(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter(isFigure);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** An estimate's mean and interval without its number of patients. */
export function intervalOf({ mean, low, high }: MeanInterval): MeanInterval {
  return { mean, low, high };
}

function isFigure(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value);
}
