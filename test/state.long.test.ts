import { once } from 'node:events';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/datasets/fingerprint.node.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';

const network = ['model.sliceSide=32', 'model.baseChannels=2', 'model.levels=2', 'schedule.batchSize=2'];
const set = (fields: readonly string[]): string[] => fields.flatMap((field) => ['--set', field]);
const saved = set([...network, 'schedule.checkpointEvery=2', 'validation.every=4', 'validation.slices=4']);
const translator = [
  ...saved,
  ...set(['model.criticBaseChannels=2', 'model.criticLayers=3', 'data.paired=true']),
];
const one = ['--threads', '1'];

let utad: BuiltUtad;
beforeAll(async () => {
  utad = await buildUtad();
  const made = await utad.call('phantom', '--out', 'data', '--patients', '4', '--spacing', '4');
  expect(made.status, made.stderr).toBe(0);
});
afterAll(() => utad.remove());

const at = (...names: string[]): string => join(utad.folder, ...names);

/** Every file below a folder with its hash. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(at(folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const hashes = await Promise.all(
    files.sort().map(async (file) => [file, await fingerprintOf(file)] as const),
  );
  return Object.fromEntries(hashes.map(([file, hash]) => [file.slice(at(folder).length), hash]));
}

async function flip(path: string, fromEnd: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - fromEnd]! ^= 1;
  await writeFile(path, bytes);
}

/** Waits until something is so, or the program ends without it. */
async function sleepUntil(isSo: () => Promise<boolean>, program: Promise<unknown>): Promise<void> {
  let ended = false;
  void program.finally(() => {
    ended = true;
  });
  while (!ended && !(await isSo())) await wait(20);
  if (ended) expect.fail(`the program ended: ${JSON.stringify(await program)}`);
}
const has = (folder: string, name: string): Promise<boolean> =>
  readdir(at(folder)).then(
    (names) => names.includes(name),
    () => false,
  );

describe.each([
  ['train', ['train', 'data', ...translator, '--iterations', '8'], ['train', '--resume'], 'teacher'],
  [
    'segment train',
    ['segment', 'train', 'data', ...saved, '--iterations', '8'],
    ['segment', 'train', '--resume'],
    'segmenter',
  ],
] as const)('utad %s', (name, begin, resume, stage) => {
  const run = name.replace(' ', '-');
  const call = (folder: string, args: readonly string[]) => utad.call(...args, '--out', folder, ...one);

  it('leaves a finished run equal to the byte when it is resumed', async () => {
    const first = await call(run, begin);
    expect(first.status, first.stderr).toBe(0);
    const before = await filesOf(run);
    const again = await call(run, resume);
    expect(again.status, again.stderr).toBe(0);
    expect(await filesOf(run)).toEqual(before);
  });

  it('names what is damaged, and ends with the same bytes', async () => {
    const whole = await filesOf(run);
    await cp(at(run), at('damaged'), { recursive: true });
    const cache = (await readdir(at('damaged/cache'))).find((file) => file.endsWith('.bin'))!;
    await flip(at('damaged/cache', cache), 9);
    await flip(at('damaged', stage, 'iteration-0000008.safetensors'), 40);
    const { status, stderr } = await call('damaged', resume);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/slices-\w+\.bin: the prepared slices are damaged, so they are prepared again\./);
    expect(stderr).toMatch(
      /iteration-0000008\.safetensors: .*The checkpoint of iteration 6 is used instead\./,
    );
    // The journal and its copy say how long an update took.
    const timed = /journal|tfevents/;
    const but = (files: Record<string, string>) =>
      Object.entries(files).filter(([file]) => !timed.test(file));
    expect(but(await filesOf('damaged'))).toEqual(but(whole));
    await rm(at('damaged'), { recursive: true });
  });

  it('refuses a run whose record was changed, and names the field', async () => {
    await cp(at(run), at('changed'), { recursive: true });
    const record = JSON.parse(await readFile(at('changed/run.json'), 'utf8'));
    record.configuration.optimiser.learningRate = 0.5;
    await writeFile(at('changed/run.json'), JSON.stringify(record));
    const { status, stderr } = await call('changed', resume);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /iteration-0000008\.safetensors: optimiser\.learningRate: expected 0\.5, as the run says/,
    );
    await rm(at('changed'), { recursive: true });
  });

  it('is begun by one of two processes, and the other writes nothing', async () => {
    const long = begin.with(-1, '100000');
    const first = utad.start(...long, '--seed', '1', '--out', 'two', ...one);
    const ended = once(first, 'exit');
    await sleepUntil(() => has('two', 'owner.json'), ended);
    const second = await call('two', [...long, '--seed', '2']);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/two: expected a run that nobody else trains, got process \d+ on/);
    await sleepUntil(() => has(`two/${stage}`, 'journal.jsonl'), ended);
    expect(JSON.parse(await readFile(at('two/run.json'), 'utf8')).configuration.seed).toBe(1);
    first.kill('SIGHUP');
    expect(await ended).toEqual([129, null]);
    expect(await has('two', 'owner.json')).toBe(false);
    await rm(at('two'), { recursive: true });
  });
});

it('ends and says so where its folder is removed, and makes no other', async () => {
  const ended = utad.call('train', 'data', ...translator, '--iterations', '100000', '--out', 'gone', ...one);
  await sleepUntil(() => has('gone/teacher', 'journal.jsonl'), ended);
  await rm(at('gone'), { recursive: true, maxRetries: 5 });
  const { status, stderr } = await ended;
  expect(status, stderr).toBe(1);
  expect(stderr).toMatch(/gone: the folder, or owner\.json in it, was removed while it was worked on\./);
  expect(await has('.', 'gone')).toBe(false);
});
