import { type ErrorDetail, explanationOf } from '../../src/base/errors.js';

/** What a person is shown of an error: where, what is wrong, what to do. */
export type Failure = ErrorDetail & {
  /** Whether the program refused something on purpose; anything else is a defect of the page. */
  readonly known: boolean;
  readonly code: string;
};

/** The page asks. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

/** The worker answers. */
export type Answer =
  | { readonly id: number; readonly kind: 'news'; readonly news: unknown }
  | { readonly id: number; readonly kind: 'result'; readonly result: unknown }
  | { readonly id: number; readonly kind: 'failure'; readonly failure: Failure };

/** Rejects a call: the worker refused, failed or was ended. */
export class WorkFailure extends Error {
  override readonly name = 'WorkFailure';
  constructor(readonly failure: Failure) {
    super(`${failure.where}: ${explanationOf(failure)}`);
  }
}

/** The failure behind whatever a call was rejected with. */
export function toFailure(error: unknown): Failure {
  if (error instanceof WorkFailure) return error.failure;
  const got = error instanceof Error ? error.message : String(error);
  return { known: false, code: 'defect', where: 'This page', expected: 'to finish its work', got };
}
