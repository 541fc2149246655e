import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraph } from '../engine/graph/graph.js';
import { add, constant, input, multiply } from '../engine/graph/operations.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { overlap } from '../imaging/registration.js';
import { noOrigin, type Triple, type Volume } from '../imaging/volume.js';
import { type BrainNetwork, findBrain, skullStripSchema } from './skull-strip.js';
import { loadSkullStripper } from './skull-strip.node.js';

const size: Triple = [44, 40, 30];
/** RAS, 4 mm. */
const affine = [4, 0, 0, -86, 0, 4, 0, -78, 0, 0, 4, -58, 0, 0, 0, 1];

/** A head: brain of about 500, a dark gap, a bright skull, air with noise. */
function head(): { readonly volume: Volume; readonly brain: Uint8Array } {
  const data = new Float32Array(size[0] * size[1] * size[2]);
  const brain = new Uint8Array(data.length);
  let at = 0;
  for (let k = 0; k < size[2]; k++)
    for (let j = 0; j < size[1]; j++)
      for (let i = 0; i < size[0]; i++, at++) {
        const r = Math.hypot((i - 21.5) / 15, (j - 19.5) / 14, (k - 14.5) / 10);
        brain[at] = r < 1 ? 1 : 0;
        data[at] = r < 1 ? 480 + (at % 5) * 10 : r < 1.12 ? 60 : r < 1.3 ? 1000 : 1 + (at % 3);
      }
  return { volume: { data, size, affineVoxelToWorld: affine, origin: noOrigin }, brain };
}

const small = skullStripSchema.parse({
  spacingMm: 4,
  multipleOf: 16,
  minimumSize: 48,
  maximumSize: 48,
  output: 'probability',
});

describe('findBrain', () => {
  it('is SynthStrip’s way by default', () => {
    expect(skullStripSchema.parse({})).toEqual({
      axes: 'LIA',
      spacingMm: 1,
      multipleOf: 64,
      minimumSize: 192,
      maximumSize: 320,
      highPercentile: 99,
      output: 'distance',
    });
    expect(skullStripSchema.safeParse({ axes: 'LLA' }).success).toBe(false);
  });

  it('gives the network axes to the left, down and to the front, in a box of whole multiples, from 0 to 1', async () => {
    const { volume } = head();
    const marked = volume.data.slice();
    // A bright spot at the left front top: first axis high, second low, third high.
    const [i, j, k] = [6, 36, 27];
    marked[i + size[0] * (j + size[1] * k)] = 50_000;
    let seen: { values: Float32Array; shape: Triple } | undefined;
    const network: BrainNetwork = async (values, shape) => {
      seen = { values, shape };
      return values.map((value) => (value > 0.4 ? -5 : 5));
    };
    const description = skullStripSchema.parse({ spacingMm: 4, multipleOf: 32, minimumSize: 64 });
    await findBrain({ ...volume, data: marked }, network, description, 'head');
    const { values, shape } = seen!;
    expect(shape).toEqual([64, 64, 64]);
    const spot = [31 - Math.round(i - 21.5), 31 - Math.round(k - 14.5), 32 + Math.round(j - 19.5)] as const;
    const around = (a: number, b: number, c: number): number => {
      let most = 0;
      for (const da of [-1, 0, 1])
        for (const db of [-1, 0, 1])
          for (const dc of [-1, 0, 1]) most = Math.max(most, values[((a + da) * 64 + b + db) * 64 + c + dc]!);
      return most;
    };
    expect(around(...spot)).toBe(1);
    expect(around(63 - spot[0], spot[1], spot[2])).toBeLessThan(0.1);
    expect(around(spot[0], 63 - spot[1], spot[2])).toBeLessThan(0.1);
    expect(around(spot[0], spot[1], 63 - spot[2])).toBeLessThan(0.1);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('takes a signed distance or a probability, keeps the largest part, and fills it', async () => {
    const { volume, brain } = head();
    const within: BrainNetwork = async (values) => values.map((v) => (v > 0.3 && v < 0.7 ? 0.9 : 0.1));
    const found = await findBrain(volume, within, small, 'head');
    expect(found.affineVoxelToWorld).toEqual(affine);
    expect(overlap(Uint8Array.from(found.data), brain)).toBeGreaterThan(0.97);
    const distance: BrainNetwork = async (values) => values.map((v) => (v > 0.3 && v < 0.7 ? -4 : 4));
    const by = await findBrain(volume, distance, { ...small, output: 'distance' }, 'head');
    expect(overlap(Uint8Array.from(by.data), brain)).toBeGreaterThan(0.9);
  });

  it('says when no brain is found', async () => {
    await expect(findBrain(head().volume, async (v) => v.map(() => 0), small, 'p1.nii')).rejects.toThrow(
      'p1.nii: the skull-stripping network finds no brain.',
    );
  });
});

describe('loadSkullStripper', () => {
  let folder: string;
  const model = (): string => join(folder, 'strip.onnx');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'utad-strip-'));
    // 1 − 16 (x − 0.5)²: a half and more between 0.32 and 0.68, where the brain is.
    const shape = [1, 1, 48, 48, 48];
    const every = (value: number) => constant(new Float32Array(48 ** 3).fill(value), shape);
    const off = add(input('scan', shape), every(-0.5));
    const y = add(multiply(multiply(off, off), every(-16)), every(1));
    await writeFile(model(), writeOnnx(createGraph('strip', { brain: y })));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const describeIt = (json: object): Promise<void> =>
    writeFile(join(folder, 'strip.json'), JSON.stringify({ spacingMm: 4, output: 'probability', ...json }));

  it('runs an ONNX network as the JSON beside it says', async () => {
    await describeIt({ multipleOf: 16, minimumSize: 48, maximumSize: 48 });
    const stripper = await loadSkullStripper(model(), { threads: 1 });
    const { volume, brain } = head();
    const found = await stripper.findBrain(volume, 'head');
    await stripper.close();
    expect(overlap(Uint8Array.from(found.data), brain)).toBeGreaterThan(0.97);
  });

  it('names a wrong description, a network of another size and a file that is none', async () => {
    await describeIt({ spacing: 1 });
    await expect(loadSkullStripper(model())).rejects.toThrow(
      /strip\.json: spacing: .*Did you mean spacingMm\?/,
    );
    await describeIt({ multipleOf: 16, minimumSize: 64, maximumSize: 64 });
    const stripper = await loadSkullStripper(model());
    await expect(stripper.findBrain(head().volume, 'head')).rejects.toThrow(
      /strip\.onnx: expected a network that takes 1×1×64×64×64.*multipleOf, minimumSize, maximumSize/,
    );
    await stripper.close();
    await writeFile(join(folder, 'text.onnx'), 'text');
    await expect(loadSkullStripper(join(folder, 'text.onnx'))).rejects.toThrow(
      'text.onnx: expected a network that ONNX Runtime can load',
    );
    await expect(loadSkullStripper(join(folder, 'none.onnx'))).rejects.toThrow('there is no such file');
  });
});
