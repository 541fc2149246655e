import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedModel, shippedModels } from './shipped-models.node.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-shipped-'));
  await writeFile(join(folder, 'utad-brats-16.onnx'), 'the larger');
  await writeFile(join(folder, 'utad-brats-8.onnx'), 'smaller');
  await writeFile(join(folder, 'utad-brats-8.md'), 'card');
  await mkdir(join(folder, 'folder.onnx'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('models that come with the package', () => {
  it('are listed by size', async () => {
    expect(await shippedModels(folder)).toEqual([
      { name: 'utad-brats-8', path: join(folder, 'utad-brats-8.onnx'), size: 7 },
      { name: 'utad-brats-16', path: join(folder, 'utad-brats-16.onnx'), size: 10 },
    ]);
    expect(await shippedModels(join(folder, 'nowhere'))).toEqual([]);
  });

  it('are found by name, the larger when none is named', async () => {
    expect(await shippedModel(undefined, folder)).toBe(join(folder, 'utad-brats-16.onnx'));
    expect(await shippedModel('utad-brats-8', folder)).toBe(join(folder, 'utad-brats-8.onnx'));
  });

  it('are listed where the name is none of theirs, and missed where there are none', async () => {
    await expect(shippedModel('other', folder)).rejects.toThrow(
      'model other: expected a model file, or one of utad-brats-8, utad-brats-16, got other.',
    );
    const nowhere = join(folder, 'nowhere');
    await expect(shippedModel(undefined, nowhere)).rejects.toThrow(
      `model utad-brats-16: expected a model that comes with utad-net, got none in ${nowhere}. Name a model file;`,
    );
  });
});
