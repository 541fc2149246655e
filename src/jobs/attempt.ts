import { UtadError } from '../base/errors.js';
import { systemRefusal } from '../base/system-refusal.node.js';
import type { JobFailure, JobOutcome } from './job.js';

/** Reasons of the system that the next job would meet as well. */
const shared = ['ENOSPC', 'EROFS', 'EDQUOT', 'EMFILE', 'ENFILE'];

/** Reasons that pass: a file server that did not answer, a file that was replaced under the reader. */
const passing = [
  ...['EIO', 'ESTALE', 'ETIMEDOUT', 'EAGAIN', 'EBUSY', 'ECONNRESET', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH'],
  ...['ENOLCK', 'EREMOTEIO', 'ENOMEM'],
];

/**
 * Runs a job's work and turns whatever it throws into an outcome.
 *
 * @param finished what the work had finished when it threw
 */
export async function attempt<Result>(
  id: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
  finished?: () => Result,
): Promise<JobOutcome<Result>> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  try {
    const result = await work();
    return { id, status: 'done', seconds: seconds(), result };
  } catch (error) {
    const part = finished === undefined ? {} : { result: finished() };
    if (signal.aborted || (error instanceof UtadError && error.code === 'interrupted'))
      return { id, status: 'stopped', ...part };
    return { id, status: 'failed', seconds: seconds(), failure: failureOf(error), ...part };
  }
}

/** What a caught value says of a failure. */
export function failureOf(thrown: unknown): JobFailure {
  const error = systemRefusal(thrown) ?? thrown;
  if (!(error instanceof UtadError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { message: `a defect of this program, please report it: ${text}`, fatal: false };
  }
  const reason = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  const passes = error.code === 'busy' || (reason !== undefined && passing.includes(reason));
  return {
    message: error.message,
    fatal: reason !== undefined && shared.includes(reason),
    ...(passes ? { transient: true as const } : {}),
  };
}
