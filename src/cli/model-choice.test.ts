import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sayModel, withModel } from './model-choice.js';

let folder: string;
let larger: string;
let smaller: string;
const said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-choice-'));
  larger = join(folder, 'utad-brats-16.onnx');
  smaller = join(folder, 'utad-brats-8.onnx');
  await writeFile(larger, 'larger');
  await writeFile(smaller, 'small');
  said.length = 0;
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe('--model', () => {
  it('left out is the larger model that comes with the package, and says so', async () => {
    expect(await withModel({ to: 't2' }, folder)).toEqual({ to: 't2', model: larger });
    expect(said).toEqual([]);
    sayModel('utad-brats-16', larger);
    expect(said).toEqual([]);
    sayModel(undefined, larger);
    expect(said).toEqual([`Model: utad-brats-16, which comes with utad-net (${larger})`]);
  });

  it('names a model that comes with the package, or any file', async () => {
    expect(await withModel({ model: 'utad-brats-8' }, folder)).toEqual({ model: smaller });
    expect(await withModel({ model: smaller }, folder)).toEqual({ model: smaller });
    // A path that leads nowhere stays as it is: who reads it says so.
    expect(await withModel({ model: 'run/model.onnx' }, folder)).toEqual({ model: 'run/model.onnx' });
    await expect(withModel({ model: 'utad-brat-8' }, folder)).rejects.toThrow(
      '--model: expected a model file, or one of utad-brats-8, utad-brats-16, got utad-brat-8. Did you mean utad-brats-8?',
    );
  });

  it('is asked for where no model comes with the package', async () => {
    const none = join(folder, 'nowhere');
    await expect(withModel({}, none)).rejects.toThrow(
      `--model: expected a model that comes with utad-net, got none in ${none}. Name a model file; utad train writes ` +
        'them, and utad demo makes a small one: demo/student/model.onnx.',
    );
  });
});
