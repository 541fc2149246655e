import { constants } from 'node:os';

/** USR1 is what a batch system is asked to send before a job's time is up (`sbatch --signal=B:USR1@60`). */
const names: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'];

/** A terminal that is closed sends HUP twice, and a session that ends TERM and HUP: within this time they are one stop. */
const oneStopMs = 1000;

let latest: NodeJS.Signals | undefined;

/** The signal that stopped the work; undefined where none did. */
export function stopSignal(): NodeJS.Signals | undefined {
  return latest;
}

/** The exit status of work that was stopped: 128 and the signal's number, as shells have it. */
export function stopStatus(): number {
  return 128 + constants.signals[latest ?? 'SIGINT'];
}

function end(signal: NodeJS.Signals): void {
  latest = signal;
  console.error('\nutad: stopped.');
  process.exit(stopStatus());
}

/** Lets every signal end the process with a line and its status, until {@link stoppable} work takes them. */
export function endOnSignals(): void {
  for (const name of names) process.on(name, end);
}

/** Undoes {@link endOnSignals}. @returns whether there was anything to undo */
export function leaveSignals(): boolean {
  const isOn = names.some((name) => process.listeners(name).includes(end));
  for (const name of names) process.off(name, end);
  return isOn;
}

/**
 * Lets a signal stop work in order; another one ends it at once.
 *
 * @param notice what is said at the first
 */
export async function stoppable<T>(notice: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let stoppedAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    const before = latest;
    if (!stop.signal.aborted) {
      [latest, stoppedAt] = [signal, performance.now()];
      console.error(`\n${notice}; once more to stop at once`);
      stop.abort(new Error(`the signal ${signal}`));
      return;
    }
    const isOther = signal !== before;
    if ((isOther || signal === 'SIGHUP') && performance.now() - stoppedAt < oneStopMs) return;
    latest = signal;
    // A batch system whose notice was not enough sends TERM some time before it kills: what is being saved has still time.
    if (before === 'SIGUSR1' && isOther) return;
    process.exit(stopStatus());
  };
  const ended = leaveSignals();
  for (const name of names) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of names) process.off(name, onSignal);
    if (ended) endOnSignals();
  }
}
