import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, UtadError } from '../../src/base/errors.js';
import { editedFiles } from './byte-edits.js';
import { emptyTally, fuzz } from './fuzz.js';
import { runCase } from './run-case.js';
import type { FuzzTarget } from './target.js';

const parserOf = (parse: (bytes: Uint8Array) => unknown): FuzzTarget => ({
  name: 'test',
  inputs: editedFiles([{ bytes: new Uint8Array(20) }]).map((bytes) => [bytes]),
  parse: ([bytes]) => parse(bytes!),
});
const refuse = (): never => fail('bad-file', { where: 'x', expected: 'a', got: 'b' });
const outcomeOf = (parse: (bytes: Uint8Array) => unknown) => runCase(parserOf(parse), [new Uint8Array(3)]);

describe('the harness', () => {
  it('tells answers, refusals and defects apart', async () => {
    expect(await outcomeOf(() => 1)).toEqual({ kind: 'accepted' });
    expect(await outcomeOf(refuse)).toEqual({ kind: 'refused', code: 'bad-file' });
    expect(await outcomeOf(async () => refuse())).toEqual({ kind: 'refused', code: 'bad-file' });
    expect(await outcomeOf((bytes) => bytes[9]!.toFixed())).toMatchObject({ kind: 'crashed' });
    const long = (): never => {
      const error = new UtadError('bad-file', { where: 'x', expected: 'a', got: 'b' });
      // The error bounds what it is made of; the harness does not rely on it.
      error.message = 'x'.repeat(5000);
      throw error;
    };
    expect(await outcomeOf(long)).toMatchObject({ reason: expect.stringMatching(/^a message of 50\d\d/) });
  });

  it.each<[string, () => unknown]>([
    ['a typed array', () => new Float32Array(2 ** 30)],
    ['a list', () => Array.from({ length: 1e9 })],
    ['many small ones', () => Array.from({ length: 200 }, () => new Uint8Array(2 ** 20))],
    ['a plain buffer', () => new ArrayBuffer(2 ** 31)],
  ])('stops a parser that asks for too much memory, as %s', async (_, allocate) => {
    expect(await outcomeOf(allocate)).toMatchObject({ reason: expect.stringMatching(/asks for \d+ bytes/) });
    const swallowing = (): unknown => {
      try {
        return allocate();
      } catch {
        return refuse();
      }
    };
    expect(await outcomeOf(swallowing)).toMatchObject({ kind: 'crashed' });
    expect(new Float32Array(4)).toHaveLength(4);
  });

  it('counts views of a buffer as nothing and knows the arrays still', async () => {
    const views = (): unknown => {
      const buffer = new ArrayBuffer(2 ** 20);
      for (let i = 0; i < 1000; i++) new Uint8Array(buffer, 8);
      if (!(new Uint8Array(buffer) instanceof Uint8Array) || !Array.isArray(new Array(3)))
        throw new UtadError('io', { where: '', expected: '', got: '' });
      return Uint8Array.from([1, 2]);
    };
    expect(await outcomeOf(views)).toEqual({ kind: 'accepted' });
  });

  it('finds a defect and makes the input small', async () => {
    const tally = emptyTally();
    const target = parserOf((bytes) => {
      if (bytes.length > 12 && bytes[12]! > 100) throw new TypeError('twelve');
      if (bytes.includes(1)) refuse();
    });
    const failure = await fuzz(target, { seed: 1, cases: 5000 }, tally);
    expect(failure?.reason).toMatch(/^TypeError: twelve/);
    expect(failure?.input[0]?.filter((byte) => byte !== 0)).toHaveLength(1);
    expect(tally.crashes).toBeGreaterThan(0);
    expect(tally.accepted + tally.crashes + (tally.refused['bad-file'] ?? 0)).toBe(tally.cases);
  });

  it('gives the same inputs for the same seed', () => {
    const { inputs } = parserOf(() => 1);
    const sample = (): unknown => fc.sample(inputs, { seed: 5, numRuns: 20 });
    expect(sample()).toEqual(sample());
  });
});
