import { protectingInputs } from '../base/protected-inputs.node.js';

/**
 * Wraps a command, or the work of a worker process, so that it never overwrites what it reads, nor anything in a data
 * set that this program has not written.
 */
export function keepingInputs<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  // Loaded when it is needed: help needs none of it.
  const mayReplace = async (path: string, besideScans: boolean): Promise<boolean> =>
    (await import('./own-output.node.js')).isOwnOutput(path, besideScans);
  return protectingInputs(mayReplace, work);
}
