import { afterEach, describe, expect, it, vi } from 'vitest';
import { stoppable, stopSignal, stopStatus } from './stoppable.js';

afterEach(() => void vi.restoreAllMocks());

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;
const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGUSR1: 138 } as const;

/** Stops work by a signal and hands over the clock, in milliseconds. */
async function stopped(
  name: (typeof names)[number],
  then: (exit: unknown, wait: (ms: number) => void) => void,
): Promise<void> {
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  await stoppable('stopping', async (signal) => {
    expect(signal.aborted).toBe(false);
    process.emit(name, name);
    expect(signal.aborted).toBe(true);
    expect([stopSignal(), stopStatus()]).toEqual([name, statuses[name]]);
    then(exit, (ms) => {
      time += ms;
    });
  });
  expect(process.listenerCount(name)).toBe(0);
}

describe('stoppable', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGUSR1'] as const)(
    'stops in order at %s, and at once at a second',
    async (name) => {
      await stopped(name, (exit) => {
        // A session that ends sends several at the same time.
        for (const other of names.filter((one) => one !== name)) process.emit(other, other);
        expect(exit).not.toHaveBeenCalled();
        process.emit(name, name);
        expect(exit).toHaveBeenCalledWith(statuses[name]);
      });
    },
  );

  it('takes the two HUPs of a terminal that is closed for one', async () => {
    await stopped('SIGHUP', (exit, wait) => {
      process.emit('SIGHUP', 'SIGHUP');
      expect(exit).not.toHaveBeenCalled();
      wait(1001);
      process.emit('SIGHUP', 'SIGHUP');
      expect(exit).toHaveBeenCalledWith(129);
    });
  });

  it('ends at once at another signal some time later', async () => {
    await stopped('SIGINT', (exit, wait) => {
      wait(1001);
      process.emit('SIGTERM', 'SIGTERM');
      expect(exit).toHaveBeenCalledWith(143);
    });
  });

  it('goes on saving when TERM follows the notice of a batch system', async () => {
    await stopped('SIGUSR1', (exit, wait) => {
      wait(60_000);
      process.emit('SIGTERM', 'SIGTERM');
      expect(exit).not.toHaveBeenCalled();
      expect(stopStatus()).toBe(143);
      wait(1001);
      process.emit('SIGTERM', 'SIGTERM');
      expect(exit).toHaveBeenCalledWith(143);
    });
  });
});
