import { refuse } from './errors.js';

/** Work on something that is closed at some time, such as a loaded network. */
interface Closable {
  /** Does work with it. @throws UtadError bad-argument where it is closed; what the work throws. */
  readonly use: <T>(work: () => Promise<T>) => Promise<T>;
  /** Closes it, once, when what still works with it has ended; called again, it waits for the same. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps something from being used when it is closed, and from being closed while it is used.
 *
 * @param what it is, for messages: `the model`
 * @param release frees it
 */
export function closable(what: string, release: () => Promise<void>): Closable {
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  return {
    use: async (work) => {
      if (closing) refuse('bad-argument', { where: what, problem: 'it is closed', todo: 'Load it again.' });
      const one = work();
      running.add(one);
      try {
        return await one;
      } finally {
        running.delete(one);
      }
    },
    close: () => {
      closing ??= Promise.allSettled(running).then(release);
      return closing;
    },
  };
}
