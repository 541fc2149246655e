import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyConfiguration, tinyGenerator } from '../../test/fixtures/tiny-model.js';
import { readFileBytes } from '../base/files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/files/safetensors.js';
import { resolveConfiguration } from '../training/presets.js';
import { loadModel } from '../translate/model.node.js';
import { addWeightsCommand } from './add-weights-command.js';

let folder: string;
const [printed, noted]: [string[], string[]] = [[], []];
const configuration = resolveConfiguration('paper', {
  model: { ...tinyConfiguration, modalities: ['a', 'b', 'c', 'd'] },
  'data.preparation': { fieldOfViewMm: 200, lowPercentile: 1, highPercentile: 99 },
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-cli-weights-'));
  printed.length = 0;
  noted.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void noted.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function weights(path: string, ...options: readonly string[]): Promise<void> {
  const program = new Command();
  addWeightsCommand(program);
  await program.parseAsync(['node', 'utad', 'weights', path, ...options]);
}

async function checkpoint(name: string, metadata: Record<string, string>): Promise<string> {
  const tensors = Object.fromEntries(
    Object.entries(tinyGenerator()).map(([key, value]) => [`G.${key}`, value]),
  );
  const critic = { 'D.main.0.bias': { shape: [1], data: new Float32Array(1) } };
  await writeFile(join(folder, name), encodeSafetensors({ ...tensors, ...critic }, metadata));
  return join(folder, name);
}

describe('utad weights', () => {
  it('takes the generator out of a checkpoint under its published names, and a model file out of that', async () => {
    const path = await checkpoint('c.safetensors', { configuration: JSON.stringify(configuration) });
    const out = join(folder, 'g.safetensors');
    await weights(path, '--out', out);
    expect(decodeSafetensors(await readFileBytes(out), out).tensors).toEqual(tinyGenerator());
    expect(printed[0]).toMatch(/g\.safetensors: \d+ tensors, 4 modalities, 2 features, 2 levels$/);

    await weights(out, '--out', join(folder, 'g.onnx'));
    const model = await loadModel(join(folder, 'g.onnx'));
    await model.close();
    expect(model.metadata).toMatchObject({
      model: { ...tinyConfiguration, modalities: ['a', 'b', 'c', 'd'] },
      recipe: { sliceSide: 32, fieldOfViewMm: 200, lowPercentile: 1, highPercentile: 99 },
      valueRanges: { a: { low: 0, high: 1 } },
      training: null,
    });
    expect(noted.join()).toContain('values from 0 to 1');
  });

  it('asks the command line for what published weights do not say', async () => {
    const path = join(folder, 'published.safetensors');
    await writeFile(path, encodeSafetensors(tinyGenerator()));
    const names = ['--modalities', 't1,t1c,t2,fl'];
    await weights(path, '--out', join(folder, 'm.onnx'), '--side', '64', ...names);
    const model = await loadModel(join(folder, 'm.onnx'));
    await model.close();
    expect(model.metadata.model).toMatchObject({ sliceSide: 64, modalities: ['t1', 't1ce', 't2', 'fl'] });
    await expect(weights(path, '--out', join(folder, 'n.onnx'), '--modalities', 'a,b')).rejects.toThrow(
      'expected 4 names of modalities, as its tensors are for, got a, b',
    );
    await expect(weights(path, '--out', join(folder, 'n.onnx'), '--side', '99')).rejects.toThrow(
      'model.sliceSide: must be divided by the levels',
    );
    await expect(weights(path, '--out', join(folder, 'w.safetensors'), ...names)).rejects.toThrow(
      '--modalities: has no effect on weights without a network. Leave --modalities out.',
    );
  });

  it('writes kernels with fewer bits, from weights and from a model file, which translate nearly alike', async () => {
    const path = await checkpoint('c.safetensors', { configuration: JSON.stringify(configuration) });
    const file = (name: string): string => join(folder, name);
    await weights(path, '--out', file('full.onnx'));
    await weights(path, '--out', file('half.onnx'), '--half');
    await weights(file('full.onnx'), '--out', file('half-too.onnx'), '--half');
    await weights(file('full.onnx'), '--out', file('bytes.onnx'), '--int8');
    expect(printed.at(-1)).toMatch(/bytes\.onnx: \d+ kernels packed, [\d.]+ MB → [\d.]+ MB$/);

    const slice = Float32Array.from({ length: 32 * 32 }, (_, i) => Math.sin(0.1 * i) * Math.cos(0.007 * i));
    const made: Record<string, Float32Array> = {};
    for (const name of ['full', 'half', 'half-too', 'bytes']) {
      const model = await loadModel(file(`${name}.onnx`));
      expect(model.metadata.model.modalities).toEqual(['a', 'b', 'c', 'd']);
      made[name] = await model.translateSlices(slice, 0, 2);
      await model.close();
    }
    const apart = (name: string): number =>
      made[name]!.reduce((sum, value, i) => sum + Math.abs(value - made['full']![i]!), 0) / slice.length;
    expect(made['half-too']).toEqual(made['half']);
    // Two features, weights as they start: rounding to 11 bits and to 8.
    expect(apart('half')).toBeGreaterThan(1e-6);
    expect(apart('half')).toBeLessThan(2e-3);
    expect(apart('bytes')).toBeGreaterThan(apart('half'));
    expect(apart('bytes')).toBeLessThan(5e-2);
  });

  it('refuses to pack weights alone, twice, or in two ways, and to make weights of a model file', async () => {
    const path = await checkpoint('c.safetensors', { configuration: JSON.stringify(configuration) });
    const [full, half] = [join(folder, 'full.onnx'), join(folder, 'half.onnx')];
    await weights(path, '--out', full);
    await weights(path, '--out', half, '--half');
    const refused: readonly (readonly [string, ...string[]])[] = [
      [
        '--half: weights without a network stay in full precision',
        path,
        '--out',
        join(folder, 'w.safetensors'),
        '--half',
      ],
      ['--half, --int8: these exclude each other', path, '--out', join(folder, 'm.onnx'), '--half', '--int8'],
      ['its kernels are packed already', half, '--out', join(folder, 'm.onnx'), '--int8'],
      ['a model file can only be packed', full, '--out', join(folder, 'm.onnx')],
      ['a model file can only be packed', full, '--out', join(folder, 'w.safetensors')],
      [
        '--side: the file itself contains this',
        full,
        '--out',
        join(folder, 'm.onnx'),
        '--half',
        '--side',
        '64',
      ],
    ];
    for (const [message, ...call] of refused)
      await expect(weights(call[0]!, ...call.slice(1))).rejects.toThrow(message);
  });

  it('says that a teacher needs masks', async () => {
    const metadata = { configuration: JSON.stringify(configuration), stage: 'teacher' };
    await weights(await checkpoint('t.safetensors', metadata), '--out', join(folder, 't.onnx'));
    expect(noted.join()).toContain('this is a teacher');
  });

  it('refuses what it cannot read, naming what to do', async () => {
    const out = join(folder, 'o.onnx');
    await writeFile(join(folder, 'a.pth'), Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0));
    await expect(weights(join(folder, 'a.pth'), '--out', out)).rejects.toThrow(
      "got what looks like PyTorch's own format. Convert it in Python",
    );
    const broken = await checkpoint('b.safetensors', { configuration: '{"modalities":' });
    await expect(weights(broken, '--out', out)).rejects.toThrow('expected a training configuration as JSON');
    await expect(weights(broken, '--out', join(folder, 'o.pt'))).rejects.toThrow(
      '--out: expected a name that ends in .safetensors or .onnx',
    );
    await expect(weights(broken, '--out', broken)).rejects.toThrow('this file exists already');
  });
});
