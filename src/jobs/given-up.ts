import type { Job, JobOutcome } from './job.js';
import type { FailedAttempt } from './retry-policy.js';

/**
 * The outcome of a job that has none of its own and is not retried any more.
 *
 * @param log where its last task wrote its messages
 */
export function givenUp(
  { id }: Job,
  failedAttempts: readonly FailedAttempt[],
  log: string,
): Extract<JobOutcome, { readonly status: 'failed' }> {
  const count = (kind: FailedAttempt): number => failedAttempts.filter((one) => one === kind).length;
  const said = [
    [
      count('lost'),
      'begun and never ended (its machine failed, or it was killed, for want of memory or time say)',
    ],
    [count('transient'), 'failed for a reason that might have passed'],
    [count('stopped'), 'asked to stop'],
    [count('unbegun'), 'not come to its turn before its task ended'],
  ] as const;
  const times = said.flatMap(([number, what]) => (number > 0 ? [`${number}× ${what}`] : []));
  const message = `${id}: expected to end, got ${times.join(', ')}. See ${log}.`;
  return { id, status: 'failed', seconds: 0, failure: { message, fatal: false } };
}
