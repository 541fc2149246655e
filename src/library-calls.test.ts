import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModelFile } from '../test/fixtures/tiny-model.js';
import { smoothHead } from '../test/fixtures/volumes.js';
import { UtadError } from './base/errors.js';
import * as node from './index.node.js';
import * as web from './index.web.js';

const head = smoothHead([30, 30, 10], [8, 8, 14]);
let folder: string;
let model: node.LoadedModel;
const here = process.cwd();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-calls-'));
  model = await node.loadModel(await tinyModelFile(folder), { threads: 1 });
  // What a wrong call might write is written there.
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(here);
  await model.close();
  await rm(folder, { recursive: true });
});

type Call = (...args: readonly unknown[]) => unknown;

/** The functions of an index file, by their names. */
function functionsOf(index: object): readonly (readonly [string, Call])[] {
  return Object.entries(index).filter(
    (entry): entry is [string, Call] => typeof entry[1] === 'function' && entry[0] !== 'UtadError',
  );
}

/** Calls that nobody means. */
const wrongCalls: readonly (readonly unknown[])[] = [
  [],
  [null],
  [undefined, null],
  [null, null, null, null],
  [5, 5, 5, 5],
  [Number.NaN, {}],
  ['', '', ''],
  ['nothing-there', null],
  ['nothing-there', {}, 7],
  [{}],
  [{}, {}],
  [{}, {}, {}, {}],
  [[], []],
  [[], [], []],
  [{ path: null }, {}],
  [{ path: 7 }],
  [true, 'x'],
  [Symbol('x')],
  [new Uint8Array(0)],
  [new Uint8Array(400), 'file', {}],
  [new Uint8Array(400), null, null],
  [{ data: new Float32Array(1), size: [1, 1, 1] }, {}],
  [{ data: null, size: null, affineVoxelToWorld: null }, { model: null }],
  [head, null],
  [head],
  [head, {}],
  [head, { source: 't1', target: 't2' }],
  [head, null, 't1', 't2'],
  [new Map(), new Map()],
  [() => 1, () => 1],
];

/** What a call ends with where it is none of this package's errors. */
async function strangerOf(call: Call, args: readonly unknown[]): Promise<string | undefined> {
  try {
    await call(...args);
    return undefined;
  } catch (error) {
    if (error instanceof UtadError) return undefined;
    return `${String(error)}`;
  }
}

describe.each([
  ['utad-net', node],
  ['utad-net/web', web],
])('%s', (_, index) => {
  it.each(functionsOf(index))('%s answers a wrong call with this package’s error', async (name, call) => {
    const strangers: string[] = [];
    for (const args of wrongCalls) {
      const stranger = await strangerOf(call, args);
      if (stranger !== undefined)
        strangers.push(
          `${name}(${args.map((arg) => (typeof arg === 'symbol' ? 'symbol' : (JSON.stringify(arg)?.slice(0, 60) ?? String(arg)))).join(', ')}): ${stranger}`,
        );
    }
    expect(strangers).toEqual([]);
  });
});

describe('a volume that is none', () => {
  const t = (volume: unknown, more: object = {}) =>
    node.translateVolume(volume as node.Volume, { model, source: 't1', target: 't2', ...more });
  it.each([
    [
      'fewer values than its size says',
      { data: head.data.subarray(0, 500) },
      /expected 30×30×10 voxels, got 500 values/,
    ],
    ['more values than its size says', { size: [30, 30, 9] }, /expected 30×30×9 voxels, got 9000 values/],
    [
      'an affine of three numbers',
      { affineVoxelToWorld: [1, 0, 0] },
      /an affine of 16 numbers, got 3 values/,
    ],
    [
      'an affine of twelve numbers',
      { affineVoxelToWorld: head.affineVoxelToWorld.slice(0, 12) },
      /an affine of 16 finite numbers, got 12 numbers/,
    ],
    [
      'an affine with NaN',
      { affineVoxelToWorld: head.affineVoxelToWorld.map((v, i) => (i === 3 ? Number.NaN : v)) },
      /16 finite numbers/,
    ],
    [
      'an affine without a third axis',
      { affineVoxelToWorld: head.affineVoxelToWorld.map((v, i) => (i === 10 ? 0 : v)) },
      /axes that fall together/,
    ],
    ['a size of fractions', { size: [30, 30, 10.5] }, /a size of whole numbers above 0/],
    ['a size of 0', { size: [0, 30, 10] }, /a size of whole numbers above 0/],
    ['data of another class', { data: Array.from(head.data) }, /data as a Float32Array/],
  ])('is refused: %s', async (_, fields, message) => {
    const volume = { ...head, ...fields } as node.Volume;
    await expect(t(volume)).rejects.toThrow(message);
    await expect(t(volume)).rejects.toBeInstanceOf(UtadError);
    await expect(t(head, { brain: volume })).rejects.toThrow(/brain mask of volume: /);
    expect(() => node.writeNifti(volume, { gzip: false })).toThrow(message);
    await expect(node.writeVolumeFile(join(folder, 'x.nii'), volume)).rejects.toThrow(message);
  });

  it('is told from options that are', async () => {
    for (const options of [null, undefined, 5, 'x'])
      await expect(node.translateVolume(head, options as never)).rejects.toThrow(
        /^translateVolume: expected options as an object/,
      );
    await expect(t(head, { model: null })).rejects.toThrow(/expected model as an object, got null/);
    await expect(t(head, { source: undefined })).rejects.toThrow(
      /expected options\.source as a text, got undefined/,
    );
    await expect(t(head, { onProgress: 5 })).rejects.toThrow(/expected options\.onProgress as a function/);
  });
});

describe('a model that is closed', () => {
  it('may be closed again, is not used, and closes when its work has ended', async () => {
    const own = await node.loadModel(join(folder, 'tiny.onnx'), { threads: 1 });
    const working = node.translateVolume(head, { model: own, source: 't1', target: 't2' });
    await Promise.all([own.close(), own.close()]);
    expect((await working).size).toEqual(head.size);
    await own.close();
    const again = node.translateVolume(head, { model: own, source: 't1', target: 't2' });
    await expect(again).rejects.toThrow('the model: it is closed. Load it again.');
    await expect(again).rejects.toBeInstanceOf(UtadError);
    await own[Symbol.asyncDispose]();
  });
});

describe('a signal', () => {
  const call = (signal: AbortSignal) =>
    node.translateVolume(head, { model, source: 't1', target: 't2', signal });
  it('ends the work with the reason that was given', async () => {
    const reason = new Error('the page was closed');
    await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(call(AbortSignal.abort('enough'))).rejects.toBe('enough');
    await expect(call(AbortSignal.timeout(0))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('ends the work as an AbortError of this package where none was', async () => {
    const error: unknown = await call(AbortSignal.abort()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UtadError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'interrupted', message: 'volume: stopped.' });
    expect((error as Error).cause).toMatchObject({ name: 'AbortError' });
  });
});
