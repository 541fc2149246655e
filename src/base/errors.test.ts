import { describe, expect, it } from 'vitest';
import { throwIfAborted } from './abort.js';
import { explanationOf, fail, problemOf, refuse, stop, UtadError } from './errors.js';

const caught = (work: () => unknown): UtadError => {
  try {
    work();
  } catch (error) {
    if (error instanceof UtadError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('errors', () => {
  const cause = new Error('ENOENT');

  it('say of a wrong value what was expected, what was found and what to do', () => {
    const wrong = { where: '--threads', expected: 'a whole number', got: 'many' };
    const error = caught(() => fail('bad-argument', { ...wrong, todo: 'Give 4.' }, { cause }));
    expect(error).toMatchObject({ name: 'UtadError', code: 'bad-argument', cause });
    expect(error.message).toBe('--threads: expected a whole number, got many. Give 4.');
    expect(error.detail).toEqual({ ...wrong, todo: 'Give 4.' });
    expect(explanationOf(error.detail)).toBe('expected a whole number, got many');
    expect(problemOf(error.detail)).toBe('many');
    expect(caught(() => fail('bad-argument', wrong)).message).toBe(
      '--threads: expected a whole number, got many.',
    );
  });

  it('say of a refusal the problem and what to do', () => {
    const problem = 'another process trains this run';
    const error = caught(() => refuse('busy', { where: 'run', problem, todo: 'Wait for it.' }, { cause }));
    expect(error).toMatchObject({ code: 'busy', cause, detail: { where: 'run', problem } });
    expect(error.message).toBe('run: another process trains this run. Wait for it.');
    expect(explanationOf(error.detail)).toBe(problem);
    expect(problemOf(error.detail)).toBe(problem);
    expect(caught(() => refuse('busy', { where: 'run', problem })).message).toBe(`run: ${problem}.`);
  });

  it('say of a stop how far it was and how it goes on', () => {
    const error = caught(() =>
      stop({ where: 'utad sweep', stopped: 'after 2 of 3 runs', todo: 'run it again to continue' }),
    );
    expect(error.code).toBe('interrupted');
    expect(error.message).toBe('utad sweep: stopped after 2 of 3 runs; run it again to continue.');
    expect(explanationOf(error.detail)).toBe('stopped after 2 of 3 runs');
    expect(problemOf(error.detail)).toBe('stopped after 2 of 3 runs');
    expect(caught(() => stop({ where: 'head' })).message).toBe('head: stopped.');
  });

  it('stop on a signal, with its reason as the cause', () => {
    const abort = new AbortController();
    throwIfAborted(undefined, 'utad check');
    throwIfAborted(abort.signal, 'utad check');
    abort.abort(cause);
    const error = caught(() => throwIfAborted(abort.signal, 'utad check'));
    expect(error.message).toBe('utad check: stopped; run it again to continue.');
    expect(error).toMatchObject({ code: 'interrupted', cause });
    expect(caught(() => throwIfAborted(abort.signal, 'run', 'continue with --resume')).message).toBe(
      'run: stopped; continue with --resume.',
    );
  });
});
