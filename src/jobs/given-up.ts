import type { Job, JobOutcome } from './job.js';
import type { Setback } from './retry-policy.js';

/**
 * The outcome of a job that never told its own and is not tried any more.
 *
 * @param log where its last task wrote what it had to say
 */
export function givenUp(
  { id }: Job,
  setbacks: readonly Setback[],
  log: string,
): Extract<JobOutcome, { readonly status: 'failed' }> {
  const count = (kind: Setback): number => setbacks.filter((one) => one === kind).length;
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
