/** USR1 is what a batch system is asked to send before a job's time is up (`sbatch --signal=B:USR1@60`). */
const signals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGUSR1'];

/**
 * Lets a signal stop work in order; the same one again ends it at once.
 *
 * @param notice what is said at the first
 */
export async function stoppable<T>(notice: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let first: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      // A batch system sends another signal when it becomes impatient: what is being saved has still time.
      if (first === signal) process.exit(130);
      return;
    }
    first = signal;
    console.error(`\n${notice}; once more to stop at once`);
    stop.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
