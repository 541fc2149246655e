import fc from 'fast-check';
import { type Outcome, runCase } from './run-case.js';
import type { FuzzInput, FuzzTarget } from './target.js';

/** What was tried on a target and what came of it. */
export interface FuzzTally {
  cases: number;
  accepted: number;
  readonly refused: Record<string, number>;
  crashes: number;
}

/** An input that a parser did not stand, as small as it could be made. */
export interface FuzzFailure {
  readonly input: FuzzInput;
  readonly reason: string;
}

/** How long to go on. */
export interface FuzzRequest {
  readonly seed: number;
  readonly cases: number;
  /** Stop after so many milliseconds, however many cases are left. */
  readonly milliseconds?: number;
  /** Called before each case, so that somebody outside knows a hanging one. */
  readonly onCase?: (input: FuzzInput) => void;
}

/** A tally of nothing yet. */
export function emptyTally(): FuzzTally {
  return { cases: 0, accepted: 0, refused: {}, crashes: 0 };
}

/** Tries inputs on a target until one fails; counts them in the tally. */
export async function fuzz(
  target: FuzzTarget,
  request: FuzzRequest,
  tally: FuzzTally,
): Promise<FuzzFailure | undefined> {
  let last: Outcome = { kind: 'accepted' };
  const property = fc.asyncProperty(target.inputs, async (input) => {
    request.onCase?.(input);
    last = await runCase(target, input);
    count(tally, last);
    return last.kind !== 'crashed';
  });
  const result = await fc.check(property, {
    seed: request.seed,
    numRuns: request.cases,
    ...(request.milliseconds === undefined ? {} : { interruptAfterTimeLimit: request.milliseconds }),
  });
  if (!result.failed || result.counterexample === null) return undefined;
  const [input] = result.counterexample;
  const outcome = await runCase(target, input);
  return { input, reason: outcome.kind === 'crashed' ? outcome.reason : 'fails only now and then' };
}

function count(tally: FuzzTally, outcome: Outcome): void {
  tally.cases++;
  if (outcome.kind === 'accepted') tally.accepted++;
  else if (outcome.kind === 'crashed') tally.crashes++;
  else tally.refused[outcome.code] = (tally.refused[outcome.code] ?? 0) + 1;
}
