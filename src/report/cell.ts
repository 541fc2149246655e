import type { Estimate } from './estimate.js';

/** A value in data files; null is empty there. */
export type Value = string | number | null;

/** A cell of a table: text, or text with a small note behind it, a tone, and what data files hold in its place. */
export type Cell =
  | string
  | {
      readonly text: string;
      readonly note?: string;
      readonly tone?: 'better' | 'worse' | 'faint';
      readonly value?: Value;
    };

/** How a measure's figures are written. */
export interface NumberStyle {
  /** Decimals that are worth showing. */
  readonly digits: number;
  /** Which differences are good; those of a measure without it, or that should be 1, have no tone. */
  readonly better?: 'higher' | 'lower' | 'one';
}

/** The minus sign of all tables. */
export const minusSign = '−';

/** Where there is no figure. */
export const noFigure: Cell = { text: '–', tone: 'faint', value: null };

/** A number with fixed decimals; a rounded zero has no sign. */
export function fixed({ digits }: NumberStyle, value: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', minusSign);
}

/** {@link fixed} with its sign, also where it is a plus. */
export function signed(style: NumberStyle, value: number): string {
  const text = fixed(style, value);
  return text.startsWith(minusSign) || Number(text) === 0 ? text : `+${text}`;
}

/** `0.81…0.86`; empty for one patient. */
export function rangeText(
  style: NumberStyle,
  { low, high, patients }: Estimate,
  text: typeof fixed = fixed,
): string {
  return patients < 2 ? '' : `${text(style, low)}…${text(style, high)}`;
}

/** A number. */
export function numberCell(style: NumberStyle, value: number | null | undefined): Cell {
  if (value === null || value === undefined || Number.isNaN(value)) return noFigure;
  return { text: fixed(style, value), value };
}

/** A mean with its interval as a note. */
export function meanCell(style: NumberStyle, found: Estimate | null): Cell {
  if (found === null) return noFigure;
  return { text: fixed(style, found.mean), ...noteOf(rangeText(style, found)), value: found.mean };
}

/** A paired difference with its interval as a note, and its tone where it is decided. */
export function differenceCell(style: NumberStyle, found: Estimate | null): Cell {
  if (found === null) return noFigure;
  const tone = toneOf(style, found);
  return {
    text: signed(style, found.mean),
    ...noteOf(rangeText(style, found, signed)),
    ...(tone ? { tone } : {}),
    value: found.mean,
  };
}

/** Better or worse where the interval leaves out 0; one patient, or a difference that its digits do not show, decides nothing. */
export function toneOf(
  { digits, better }: NumberStyle,
  { mean, low, high, patients }: Estimate,
): 'better' | 'worse' | undefined {
  if (better === undefined || better === 'one' || patients < 2 || (low <= 0 && high >= 0)) return undefined;
  if (Number(mean.toFixed(digits)) === 0) return undefined;
  return (better === 'higher' ? mean > 0 : mean < 0) ? 'better' : 'worse';
}

/** The text of a cell. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** What data files hold for a cell. */
export function dataOf(cell: Cell): Value {
  if (typeof cell === 'string') return cell;
  return cell.value === undefined ? cell.text : cell.value;
}

function noteOf(note: string): { readonly note?: string } {
  return note === '' ? {} : { note };
}
