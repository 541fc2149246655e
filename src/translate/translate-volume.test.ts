import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  tinyConfiguration,
  tinyGenerator,
  tinyMetadata,
  tinyModelFile,
} from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { readFileBytes } from '../base/files.node.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import * as ort from '../engine/runtime/onnx-runtime.node.js';
import { readNifti } from '../imaging/formats/nifti/read.js';
import { writeNifti } from '../imaging/formats/nifti/write.js';
import { restoreVolume } from '../imaging/restore.js';
import { noOrigin } from '../imaging/volume.js';
import { contextInputName, contextPlanes } from '../model/context-input.js';
import { generatorSpecs } from '../model/generator.js';
import { initialise } from '../nn/parameters.js';
import type { LoadedModel } from './loaded-model.js';
import { loadModel } from './model.node.js';
import { readModelMetadata } from './read-model.js';
import { translateSlices } from './translate-slices.js';
import { prepareSource, translateVolume } from './translate-volume.js';
import { inferenceGraph, metadataKey, writeModel } from './write-model.js';

const head = smoothHead([48, 56, 20], [4, 3.5, 7]);
let folder: string;
let path: string;
let model: LoadedModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-translate-'));
  path = await tinyModelFile(folder);
  model = await loadModel(path, { threads: 1 });
});
afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

describe('translateVolume', () => {
  it('keeps grid and affine, is 0 exactly outside the brain and within the value range inside', async () => {
    const made = await translateVolume(head, { model, source: 't1', target: 't2' });
    expect(made.size).toEqual(head.size);
    expect(made.affineVoxelToWorld).toEqual(head.affineVoxelToWorld);
    const { low, high } = model.metadata.valueRanges['t2']!;
    for (let i = 0; i < head.data.length; i++) {
      if (head.data[i] === 0) expect(made.data[i]).toBe(0);
      else if (!(made.data[i]! >= low - 1e-3 && made.data[i]! <= high + 1e-3))
        expect.fail(`voxel ${i} is ${made.data[i]}`);
    }
  });

  it('stops between slices where a signal asks for it', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number): void => {
      seen.push(done);
      controller.abort();
    };
    const options = {
      model,
      source: 't1',
      target: 't2',
      where: 'head',
      onProgress,
      signal: controller.signal,
    };
    await expect(translateVolume(head, options)).rejects.toThrow('head: stopped.');
    expect(seen).toHaveLength(1);
    await expect(translateVolume(head, options)).rejects.toThrow('head: stopped.');
    expect(seen).toHaveLength(1);
  });

  it('gives the same numbers for the same head stored along other axes', async () => {
    const made = await translateVolume(head, { model, source: 't1', target: 't2' });
    const turned = turnedHead();
    const again = await translateVolume(turned, { model, source: 't1', target: 't2' });
    const [ni, nj, nk] = head.size;
    for (let k = 0; k < nk; k += 3)
      for (let j = 0; j < nj; j++)
        for (let i = 0; i < ni; i++)
          expect(again.data[k + nk * (ni - 1 - i + ni * j)]).toBeCloseTo(
            made.data[i + ni * (j + nj * k)]!,
            2,
          );
  });

  it('keeps the header through a file', async () => {
    const source = readNifti(writeNifti(head, { gzip: true }), 'head');
    const made = await translateVolume(source, { model, source: 'flair', target: 't1ce' });
    const { origin } = readNifti(writeNifti(made, { gzip: false, datatype: 'int16' }), 'made');
    expect(origin.header).toEqual({ ...source.origin.header, voxelType: 'int16' });
  });

  it('refuses equal and unknown modalities, naming the nearest', async () => {
    await expect(translateVolume(head, { model, source: 't1', target: 't1' })).rejects.toThrow(
      'target: expected another modality than t1, got the same',
    );
    await expect(translateVolume(head, { model, source: 't1', target: 'FLAIRE' })).rejects.toThrow(
      'target modality: expected one of t1, t1ce, t2, flair, got FLAIRE. Did you mean flair?',
    );
  });

  it('refuses a volume that the recipe does not fit, by its name', async () => {
    const whole = { ...head, data: head.data.map((value) => value + 7) };
    await expect(
      translateVolume(whole, { model, source: 't1', target: 't2', where: 'p_t1.nii' }),
    ).rejects.toThrow(/^p_t1\.nii: expected a skull-stripped/);
  });
});

describe('translateSlices', () => {
  const pixels = 32 * 32;

  it('runs only slices that hold brain, reports them, and leaves −1 elsewhere', async () => {
    const slices = new Float32Array(7 * pixels).fill(-1);
    for (const k of [1, 2, 5]) slices[k * pixels + 500] = 0.5;
    const batches: number[] = [];
    const progress: string[] = [];
    const made = await translateSlices(
      async ({ image, target }) => {
        batches.push(image.shape[0]!);
        expect([...target.data.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
        return image.data.map((value) => value / 2);
      },
      tinyMetadata().model,
      slices,
      0,
      3,
      { batchSize: 2, onProgress: (done, total) => progress.push(`${done}/${total}`) },
    );
    expect(batches).toEqual([2, 1]);
    expect(progress).toEqual(['2/3', '3/3']);
    expect(made[5 * pixels + 500]).toBe(0.25);
    expect(made[2 * pixels]).toBe(-0.5);
    expect(made.subarray(3 * pixels, 5 * pixels).every((value) => value === -1)).toBe(true);
  });

  it('refuses values that are not whole slices and modalities that do not exist', async () => {
    await expect(model.translateSlices(new Float32Array(100), 0, 1)).rejects.toThrow(
      'slices: expected slices of 32×32, got 100 values',
    );
    await expect(model.translateSlices(new Float32Array(pixels), 0, 4)).rejects.toThrow(
      'target: expected 0 to 3, got 4',
    );
  });
});

describe('a model that sees neighbouring slices', () => {
  const pixels = 32 * 32;
  const configuration = { ...tinyConfiguration, contextSlices: 1 };
  const metadata = tinyMetadata({ model: configuration });
  const bytes = writeModel(initialise(generatorSpecs(configuration), 1, 'G'), metadata);

  it('gives each slice of a volume those below and above it, itself beyond the ends, and says so in its file', async () => {
    await writeFile(`${path}.around`, bytes);
    const around = await loadModel(`${path}.around`, { threads: 1 });
    expect(around.metadata.model.contextSlices).toBe(1);
    // Cut off at both ends, where there is still brain.
    const [area, low, high] = [48 * 56, 5, 15];
    const part = {
      ...head,
      size: [48, 56, high - low] as const,
      data: head.data.slice(low * area, high * area),
    };
    const prepared = prepareSource(part, metadata, { source: 't1' });
    const slice = (k: number): Float32Array => prepared.slices.subarray(k * pixels, (k + 1) * pixels);
    expect(prepared.count).toBe(10);
    expect([0, 9].every((k) => slice(k).some((value) => value > -1))).toBe(true);

    const session = await ort.InferenceSession.create(bytes);
    const one = (data: Iterable<number>, shape: number[]) =>
      new ort.Tensor('float32', Float32Array.from(data), shape);
    const byHand: number[] = [];
    for (let k = 0; k < 10; k++) {
      const [below, above] = [slice(Math.max(0, k - 1)), slice(Math.min(9, k + 1))];
      const { translated } = await session.run({
        image: one(slice(k), [1, 1, 32, 32]),
        [contextInputName]: one([...below, ...above], [1, 2, 32, 32]),
        target: one([0, 0, 1, 0], [1, 4]),
      });
      byHand.push(...(translated!.data as Float32Array));
    }
    await session.release();
    const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    const made = await around.translateSlices(prepared.slices, 0, 2);
    expect(farthest(made, byHand)).toBeLessThan(2e-5);
    const volume = await translateVolume(part, { model: around, source: 't1', target: 't2' });
    const range = metadata.valueRanges['t2']!;
    const restored = restoreVolume(Float32Array.from(byHand), prepared.record, range, 0);
    expect(farthest(volume.data, restored.data)).toBeLessThan(0.05);

    // Some slices alone, with their context slices as in the whole; without these they become something else.
    const some = await around.translateSlices(prepared.slices, 0, 2, { chosen: [7, 2] });
    expect(
      farthest(some, [...made.subarray(7 * pixels, 8 * pixels), ...made.subarray(2 * pixels, 3 * pixels)]),
    ).toBeLessThan(2e-5);
    const alone = await around.translateSlices(slice(2).slice(), 0, 2);
    expect(farthest(alone, made.subarray(2 * pixels, 3 * pixels))).toBeGreaterThan(1e-3);
    await expect(around.translateSlices(prepared.slices, 0, 2, { chosen: [10] })).rejects.toThrow(
      'chosen slices: expected places below 10, got 10',
    );
    await around.close();
  });

  it('is not what a file is whose metadata say nothing of it', async () => {
    const { model } = readModelMetadata(await readFileBytes(path), path);
    expect(model).not.toHaveProperty('neighbours');
    expect(contextPlanes(model)).toBe(0);
    // The file must have the inputs that it says.
    const lying = writeOnnx(inferenceGraph(tinyConfiguration, tinyGenerator()), {
      openBatch: true,
      producerVersion: 'test',
      metadata: { [metadataKey]: JSON.stringify(metadata) },
    });
    await writeFile(`${path}.lying`, lying);
    await expect(loadModel(`${path}.lying`)).rejects.toThrow(
      'expected a model with image, neighbours, target, translated',
    );
  });
});

describe('loadModel', () => {
  it('refuses files that are not there, not models, or damaged inside', async () => {
    await expect(loadModel(`${path}.none`)).rejects.toThrow('there is no such file');
    await writeFile(`${path}.txt`, 'no model');
    await expect(loadModel(`${path}.txt`)).rejects.toThrow('expected an ONNX file, got something else');
    const bytes = writeModel(tinyGenerator(), tinyMetadata());
    const operator = new TextDecoder('latin1').decode(bytes).indexOf('MaxPool');
    bytes[operator] = 0x5a;
    await writeFile(`${path}.damaged`, bytes);
    await expect(loadModel(`${path}.damaged`)).rejects.toThrow('expected a model that ONNX Runtime can load');
  });

  it('finds a device by itself that agrees with the CPU', async () => {
    const found = await loadModel(path, { device: 'auto', threads: 1 });
    const slices = new Float32Array(32 * 32).map((_, i) => Math.sin(i));
    const [made, expected] = [
      await found.translateSlices(slices, 0, 1),
      await model.translateSlices(slices, 0, 1),
    ];
    await found.close();
    expect(Math.max(...made.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(0.01);
  });

  it('names the devices when asked for one that does not exist', async () => {
    await expect(loadModel(path, { device: 'quantum' })).rejects.toThrow(
      /--device: expected cpu.*got quantum/,
    );
  });
});

/** The same head with its axes stored as (k, −i, j). */
function turnedHead() {
  const [ni, nj, nk] = head.size;
  const a = head.affineVoxelToWorld;
  const data = new Float32Array(head.data.length);
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) data[k + nk * (ni - 1 - i + ni * j)] = head.data[i + ni * (j + nj * k)]!;
  const row = (r: number): number[] => {
    const [di, dj, dk, t] = a.slice(4 * r, 4 * r + 4) as [number, number, number, number];
    return [dk, -di, dj, t + di * (ni - 1)];
  };
  return {
    data,
    size: [nk, ni, nj] as const,
    affineVoxelToWorld: [...row(0), ...row(1), ...row(2), 0, 0, 0, 1],
    origin: noOrigin,
  };
}
