import { dirname } from 'node:path';
import { fail } from '../../base/errors.js';
import { readFileBytes } from '../../base/files.node.js';
import { jobPaths } from '../job-folder.js';
import type { Setback } from '../retry-policy.js';
import { forgivenRound, latestRound, readRound } from '../rounds.js';
import { readJournalFrom, setbacksIn } from '../task-journal.js';

/** What the journals say of jobs, over all rounds that count. */
export async function historyOf(
  folder: string,
  indices: readonly number[],
): Promise<{ readonly setbacks: ReadonlyMap<number, readonly Setback[]>; readonly begunInLast: boolean }> {
  const wanted = new Set(indices);
  const setbacks = new Map<number, Setback[]>();
  let begunInLast = true;
  const last = await latestRound(folder);
  for (let round = (await forgivenRound(folder)) + 1; round <= last; round++) {
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
        const found = setbacksIn(lines, index);
        setbacks.set(index, [
          ...(setbacks.get(index) ?? []),
          ...(found.length > 0 ? found : ['unbegun' as const]),
        ]);
      }
    }
  }
  return { setbacks, begunInLast };
}

/** Tasks that end before they begin will do so again. @throws UtadError bad-value, always. */
export async function refuseIdle(folder: string, round: number): Promise<never> {
  const log = jobPaths.log(folder, round, '%a').replace('%a', '0');
  const text = await readFileBytes(log).then(
    (bytes) => new TextDecoder().decode(bytes).trim().split('\n').at(-1)!,
    () => 'nothing',
  );
  return fail('bad-value', {
    where: dirname(log),
    expected: 'tasks that begin their jobs',
    got: `two rounds in which none did; the last word of one: ${text || 'nothing'}`,
    todo: 'Correct the profile (setup, program, memory), then call the command again.',
  });
}
