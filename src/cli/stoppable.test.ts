import { afterEach, describe, expect, it, vi } from 'vitest';
import { stoppable } from './stoppable.js';

afterEach(() => void vi.restoreAllMocks());

describe('stoppable', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGUSR1'] as const)(
    'stops in order at %s, and at once at another',
    async (name) => {
      vi.spyOn(console, 'error').mockReturnValue(undefined);
      const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
      const others = (['SIGINT', 'SIGTERM', 'SIGUSR1'] as const).filter((one) => one !== name);
      await stoppable('stopping', async (signal) => {
        expect(signal.aborted).toBe(false);
        process.kill(process.pid, name);
        await vi.waitFor(() => expect(signal.aborted).toBe(true));
        // A batch system that becomes impatient does not take the time to save away.
        for (const other of others) process.emit(other, other);
        expect(exit).not.toHaveBeenCalled();
        process.emit(name, name);
        expect(exit).toHaveBeenCalledWith(130);
      });
      expect(process.listenerCount(name)).toBe(0);
    },
  );
});
