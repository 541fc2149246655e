import { fail } from './errors.js';

/**
 * A whole number given as text on the command line.
 *
 * @param where the option's name
 * @throws UtadError bad-argument when it is none or outside low … high.
 */
export function wholeNumber(where: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) {
    fail('bad-argument', { where, expected: `a whole number from ${low} to ${high}`, got: text });
  }
  return value;
}

/** The same as the parser of an option. */
export function wholeNumberOption(where: string, low: number, high: number): (text: string) => number {
  return (text) => wholeNumber(where, text, low, high);
}
