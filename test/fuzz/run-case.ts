import { UtadError } from '../../src/base/errors.js';
import { withAllocationLimit } from './allocations.js';
import type { FuzzInput, FuzzTarget } from './target.js';

/** How a parser took an input. */
export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'crashed'; readonly reason: string };

const defaultMaximumAllocation = 2 ** 26;
/** One clear error fits on a screen. */
const longestMessage = 2000;
/** Work, not waiting, so that a busy machine does not matter; a hang is stopped from outside. */
const maximumCpuMs = 10_000;

/** Gives an input to a parser and judges what it does. */
export async function runCase(target: FuzzTarget, input: FuzzInput): Promise<Outcome> {
  const started = process.cpuUsage();
  const outcome = await parse(target, input);
  const { user, system } = process.cpuUsage(started);
  if (user + system > 1000 * maximumCpuMs)
    return { kind: 'crashed', reason: `took ${Math.round((user + system) / 1000)} ms of work` };
  const polluted = Object.keys(Object.prototype);
  if (polluted.length > 0) return { kind: 'crashed', reason: `Object.prototype got ${polluted.join()}` };
  return outcome;
}

async function parse(target: FuzzTarget, input: FuzzInput): Promise<Outcome> {
  // The parser may do with its bytes what it likes; the input must stay what it was.
  const copies = input.map((bytes) => bytes.slice());
  try {
    await withAllocationLimit(target.maximumAllocation ?? defaultMaximumAllocation, () =>
      target.parse(copies),
    );
    return { kind: 'accepted' };
  } catch (error) {
    if (!(error instanceof UtadError)) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'crashed', reason };
    }
    if (error.message.length > longestMessage)
      return {
        kind: 'crashed',
        reason: `a message of ${error.message.length} characters: ${error.message.slice(0, 300)}`,
      };
    return { kind: 'refused', code: error.code };
  }
}
