import { runAgain, stop } from './errors.js';

/**
 * Ends work that was asked to stop.
 *
 * @param signal nothing happens without one
 * @param where the command or the work that stops
 * @param todo how it goes on, in lower case and without a full stop
 * @throws UtadError interrupted when the signal is aborted; its reason is the cause.
 */
export function throwIfAborted(signal: AbortSignal | undefined, where: string, todo = runAgain): void {
  if (signal?.aborted) stop({ where, todo }, { cause: signal.reason });
}
