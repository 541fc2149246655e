import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { stop } from '../base/errors.js';
import { shellLine } from '../base/shell-word.js';
import { wholeNumber } from '../base/whole-number.js';
import { type FoundList, findLists, requireLists } from '../jobs/find-lists.js';
import { jobPaths } from '../jobs/job-folder.js';
import { isFinalised } from '../jobs/job-list.js';
import { changedIn, type ListState, readListState } from '../jobs/list-state.js';
import { readOutcome } from '../jobs/outcome-file.js';
import { latestRound, submittedAs } from '../jobs/rounds.js';
import { slurmHere } from '../jobs/slurm/slurm.js';
import { removeState, writeState } from '../jobs/state-file.js';
import { workOnTask } from '../jobs/work-on-task.js';
import { textTable } from '../terminal/text-table.js';
import { startRunner } from '../workers/start-runner.js';
import { mainProgram } from './executor-options.js';
import { leaveSignals, stoppable, stopSignal } from './stoppable.js';

export async function list(path: string): Promise<void> {
  const lists = await findLists(path);
  if (lists.length === 0) console.log(`No jobs in ${resolve(path)}`);
  const rows = await Promise.all(
    lists.map(async ({ folder, record }) => [folder, ...cellsOf(await readListState(folder, record.count))]),
  );
  if (rows.length > 0)
    console.log(textTable(['list', 'state', 'done', 'failed', 'left', 'round', 'job'], rows));
}

function cellsOf({ state, done, failed, open, round, slurmJob }: ListState): string[] {
  return [
    state,
    String(done.length),
    String(failed.length),
    String(open.length),
    String(round),
    slurmJob ?? '–',
  ];
}

export async function show(path: string, options: { readonly verify?: boolean }): Promise<void> {
  for (const { folder, record } of await requireLists(path)) {
    const state = await readListState(folder, record.count);
    const { done, failed, open, round, slurmJob } = state;
    console.log(`${folder}: ${state.state}`);
    console.log(`  ${shellLine(['utad', ...record.command.arguments])}`);
    console.log(`  begun ${record.created}, ${round} rounds, the latest Slurm job ${slurmJob ?? 'none'}`);
    console.log(`  ${done.length} done, ${failed.length} failed, ${open.length} left of ${record.count}`);
    for (const { failure } of failed) console.log(`  failed: ${failure?.message}`);
    if (open.length > 0)
      console.log(`  left: ${open.slice(0, 20).join(', ')}${open.length > 20 ? ', …' : ''}`);
    const queued =
      slurmJob === undefined || state.state === 'finalised' ? [] : await slurmHere().queued(slurmJob);
    for (const { task, state: how, reason } of queued ?? [])
      console.log(`  task ${task}: ${how}${reason === 'None' ? '' : ` (${reason})`}`);
    if (!options.verify) continue;
    const changed = await changedIn(done);
    for (const output of changed) console.log(`  not as it was written: ${output}`);
    if (changed.length > 0) process.exitCode = 1;
    else
      console.log(
        `  ${done.reduce((sum, { outputs }) => sum + outputs.length, 0)} outputs are as they were written`,
      );
  }
}

/** Calls the command again that laid the list down: it finds its list, and goes on. */
export async function resume(path: string): Promise<void> {
  const lists = await requireLists(path);
  const { arguments: args, folder: cwd } = lists.at(-1)!.record.command;
  await retryFailed(lists);
  console.error(shellLine(['utad', ...args]));
  const child = spawn(process.execPath, [mainProgram, ...args], { cwd, stdio: 'inherit' });
  // A terminal sends its interrupt to the child too, which decides what a signal means.
  leaveSignals();
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [status, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  process.exitCode = status ?? (by === null ? 1 : 128 + constants.signals[by]);
}

/** What was given up in a finalised list is tried again, with as many attempts as at first. */
async function retryFailed(lists: readonly FoundList[]): Promise<void> {
  const latest = lists.filter(
    ({ record }, i) => !lists.slice(i + 1).some((one) => one.record.name === record.name),
  );
  for (const { folder, record } of latest) {
    if (!(await isFinalised(folder))) continue;
    const { failed } = await readListState(folder, record.count);
    if (failed.length === 0) continue;
    const ids = new Set(failed.map(({ id }) => id));
    await writeState(jobPaths.retried(folder), { round: await latestRound(folder) });
    for (let index = 0; index < record.count; index++) {
      const stored = await readOutcome(jobPaths.outcome(folder, index));
      if (stored !== undefined && ids.has(stored.head.id)) await rm(jobPaths.outcome(folder, index));
    }
    await removeState(jobPaths.finalised(folder));
    // What a later list of the command is made of changes with it.
    return;
  }
}

export async function cancel(path: string): Promise<void> {
  for (const { folder, record } of await requireLists(path)) {
    if (await isFinalised(folder)) continue;
    const round = await latestRound(folder);
    // The mark comes first: whoever follows the list sees it before the tasks are gone.
    await writeState(jobPaths.cancelled(folder), { round, at: new Date().toISOString() });
    const job = round === 0 ? undefined : await submittedAs(folder, round);
    if (job !== undefined) await slurmHere().cancel(job);
    const { done, open } = await readListState(folder, record.count);
    console.log(`${folder}: cancelled with ${done.length} done and ${open.length} left; resume goes on`);
  }
}

export async function work(
  folder: string,
  options: { readonly round: string; readonly task: string },
): Promise<void> {
  const [round, task] = [
    wholeNumber('--round', options.round, 1, 1e6),
    wholeNumber('--task', options.task, 0, 1e6),
  ];
  const isDone = await stoppable('stopping', (signal) =>
    workOnTask({ folder, round, task, signal, startRunner: startRunner.inProcess }),
  );
  if (isDone) return;
  // Where the limit is near nobody puts the task back but itself; preemption does.
  const outOfTime = stopSignal() === 'SIGUSR1';
  const job = process.env['SLURM_ARRAY_JOB_ID'];
  if (outOfTime && job !== undefined) await slurmHere().requeue(job, task);
  stop({
    where: `task ${task} of ${folder}`,
    ...(outOfTime ? { stopped: 'because its time is up' } : {}),
    todo: 'it continues when it runs again',
  });
}
