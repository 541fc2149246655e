import { dirname } from 'node:path';
import { refuse } from '../../base/errors.js';
import { readFileBytes } from '../../base/files.node.js';
import { jobPaths } from '../job-folder.js';
import type { FailedAttempt } from '../retry-policy.js';
import { latestRound, readRound, retriedRound } from '../rounds.js';
import { failedAttemptsIn, readJournalFrom } from '../task-journal.js';

/** What the journals say of jobs, over all rounds that count. */
export async function historyOf(
  folder: string,
  indices: readonly number[],
): Promise<{
  readonly failedAttempts: ReadonlyMap<number, readonly FailedAttempt[]>;
  readonly begunInLast: boolean;
}> {
  const wanted = new Set(indices);
  const failedAttempts = new Map<number, FailedAttempt[]>();
  let begunInLast = true;
  const last = await latestRound(folder);
  for (let round = (await retriedRound(folder)) + 1; round <= last; round++) {
    const plan = await readRound(folder, round);
    begunInLast = false;
    for (const [task, all] of (plan?.tasks ?? []).entries()) {
      const own = all.filter((index) => wanted.has(index));
      if (own.length === 0) {
        // None of its jobs is left: it has worked.
        begunInLast = true;
        continue;
      }
      const { lines } = await readJournalFrom(jobPaths.journal(folder, round, task), 0);
      begunInLast ||= lines.length > 0;
      for (const index of own) {
        const found = failedAttemptsIn(lines, index);
        failedAttempts.set(index, [
          ...(failedAttempts.get(index) ?? []),
          ...(found.length > 0 ? found : ['unbegun' as const]),
        ]);
      }
    }
  }
  return { failedAttempts, begunInLast };
}

/** Tasks that end before they begin will do so again. @throws UtadError bad-value, always. */
export async function refuseIdle(folder: string, round: number): Promise<never> {
  const log = jobPaths.log(folder, round, '%a').replace('%a', '0');
  const text = await readFileBytes(log).then(
    (bytes) => new TextDecoder().decode(bytes).trim().split('\n').at(-1)!,
    () => 'nothing',
  );
  return refuse('bad-value', {
    where: dirname(log),
    problem: `in two rounds no task began its job; the last line of one: ${text || 'nothing'}`,
    todo: 'Correct the profile (setup, program, memory), then call the command again.',
  });
}
