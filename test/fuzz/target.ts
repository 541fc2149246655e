import type fc from 'fast-check';

/** What a parser is given: one file, or several that belong together. */
export type FuzzInput = readonly Uint8Array[];

/** A parser and the broken inputs to try on it. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs near valid ones. */
  readonly inputs: fc.Arbitrary<FuzzInput>;
  /**
   * Calls the parser and looks at what it returned.
   *
   * @throws UtadError when the parser refused the input; anything else is a defect of the parser.
   */
  readonly parse: (input: FuzzInput) => unknown;
  /** Bytes that the parser may ask for in one call. */
  readonly maximumAllocation?: number;
  /** Whether a case takes so long that tests try only a few. */
  readonly slow?: boolean;
  /** Whether the parser makes the best of everything. */
  readonly refusesNothing?: boolean;
  /** Called once at the end. */
  readonly close?: () => void;
}

/** What the parser's answer must fulfil. @throws Error otherwise, which no parser throws on purpose. */
export function require(condition: boolean, claim: string): void {
  if (!condition) throw new Error(`the answer is not valid: ${claim}`);
}
