import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createGraph } from '../engine/graph/graph.js';
import { constant, convolution, input, mean } from '../engine/graph/operations.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { perceptualDistance } from '../metrics/perceptual-distance.js';
import { derivativeKernel, gaussianDerivatives } from './gaussian-derivatives.js';
import { loadOnnxExtractor } from './onnx-extractor.node.js';
import { patientFeatures, spreadPositions } from './patient-features.js';
import { resizeSlice } from './resize-slice.js';
import { summariseFeatures } from './summarise-features.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/features.json', import.meta.url), 'utf8'),
) as {
  side: number;
  image: number[];
  other: number[];
  pooled: number[];
  responses: number[][];
  perceptual: number[];
  resized: Record<string, number[]>;
};
const { side } = golden;
const image = Float32Array.from(golden.image);
const other = Float32Array.from(golden.other);
/** Responses are stored as float32. */
const tolerance = 1e-6;

const folder = await mkdtemp(join(tmpdir(), 'features-'));
afterAll(() => rm(folder, { recursive: true }));

describe('the built-in features', () => {
  it('agree with scipy in responses, energies and perceptual distance', async () => {
    const { extract, description } = await gaussianDerivatives();
    const [first, second] = [await extract(image, side), await extract(other, side)];
    expect(first.pooled).toHaveLength(description.dimensions);
    first.pooled.forEach((value, i) => {
      expect(Math.abs(value - golden.pooled[i]!)).toBeLessThan(10 * tolerance);
    });
    first.layers.forEach(({ data, channels }, scale) => {
      for (let c = 0; c < channels; c++) {
        const value = data[c * side * side + 9 * side + 11]!;
        expect(Math.abs(value - golden.responses[scale]![c]!)).toBeLessThan(tolerance);
      }
      const distance = perceptualDistance(data, second.layers[scale]!.data, channels);
      // Where a float32 response is nearly 0, its direction is rounding's.
      expect(Math.abs(distance - golden.perceptual[scale]!)).toBeLessThan(1e-4 * distance);
    });
  });

  it('do not answer to brightness with any derivative', () => {
    for (const sigma of [1, 2, 4]) {
      for (const order of [1, 2]) {
        const total = derivativeKernel(sigma, order).reduce((sum, value) => sum + value, 0);
        expect(Math.abs(total)).toBeLessThan(1e-15);
      }
    }
  });

  it('are named by a hash of their definition', async () => {
    const { name, sha256 } = (await gaussianDerivatives()).description;
    expect(name).toBe('gaussian-derivatives 1 (built in)');
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('resizeSlice', () => {
  it.each([13, 31])('agrees with PyTorch at %i pixels', (to) => {
    const made = resizeSlice(image, side, to);
    made.forEach((value, i) => {
      expect(Math.abs(value - golden.resized[String(to)]![i]!)).toBeLessThan(1e-6);
    });
  });

  it('leaves a slice of the size alone', () => {
    expect(resizeSlice(image, side, side)).toBe(image);
  });
});

describe('perceptualDistance', () => {
  it('is 0 between equal features, 2 between unrelated ones, and does not see strength', () => {
    expect(perceptualDistance(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2, 3, 4), 2)).toBe(0);
    expect(perceptualDistance(Float32Array.of(1, 0), Float32Array.of(0, 5), 2)).toBeCloseTo(2, 9);
    expect(perceptualDistance(Float32Array.of(1, 2), Float32Array.of(2, 4), 2)).toBeCloseTo(0, 12);
  });

  it('refuses layers of different sizes', () => {
    expect(() => perceptualDistance(new Float32Array(4), new Float32Array(6), 2)).toThrow(
      'perceptual distance: expected two layers of 2 channels and as many places, got 4 and 6 values',
    );
  });
});

describe('a feature network', () => {
  const pixels = 16;

  /** Twice the image and its negative as a layer, their means as features. */
  function network(channels: 1 | 3): Uint8Array {
    const x = input('x', [1, channels, pixels, pixels]);
    const kernel = Float32Array.from({ length: 2 * channels }, (_, i) => (i < channels ? 2 : -2) / channels);
    const layer = convolution(x, constant(kernel, [2, channels, 1, 1]), { stride: 1, padding: 0 });
    return writeOnnx(createGraph('features', { layer, pooled: mean(layer, [2, 3]) }));
  }

  it('is given slices as its convention says, and the report names it with its hash', async () => {
    const path = join(folder, 'three.onnx');
    await writeFile(path, network(3));
    const convention = { name: 'tiny', mean: [0.5], deviation: [0.25], pooled: 'pooled', layers: ['layer'] };
    await writeFile(join(folder, 'three.json'), JSON.stringify(convention));
    const extractor = await loadOnnxExtractor(path, { threads: 1 });
    const { pooled, layers } = await extractor.extract(new Float32Array(40 * 40).fill(0.75), 40);
    expect([...pooled]).toEqual([2, -2]);
    expect(layers.map(({ channels, data }) => [channels, data.length, data[7]])).toEqual([[2, 512, 2]]);
    expect(extractor.description).toMatchObject({
      name: 'tiny',
      input: 'slices on [0, 1] at 16×16 (bilinear), repeated to 3 channels, less 0.5, divided by 0.25',
      features: 'output pooled',
      layers: 'outputs layer, without learnt weights',
      dimensions: 2,
    });
    expect(extractor.description.sha256).toMatch(/^[0-9a-f]{64}$/);
    await extractor.close();
  });

  it('refuses what is no such network, and outputs and fields that do not exist', async () => {
    const path = join(folder, 'flat.onnx');
    const flat = input('x', [1, 4]);
    await writeFile(path, writeOnnx(createGraph('flat', { y: mean(flat, [1]) })));
    await expect(loadOnnxExtractor(path)).rejects.toThrow(
      'expected one float32 input [N, channels, rows, columns], got x float32 [1, 4]',
    );
    const one = join(folder, 'one.onnx');
    await writeFile(one, network(1));
    await writeFile(join(folder, 'one.json'), '{"pooled": "none"}');
    await expect(loadOnnxExtractor(one)).rejects.toThrow('expected one of layer, pooled, got no output none');
    await writeFile(join(folder, 'one.json'), '{"poled": "pooled"}');
    await expect(loadOnnxExtractor(one)).rejects.toThrow('Did you mean pooled?');
    await writeFile(join(folder, 'one.json'), '{"side": 8}');
    await expect(loadOnnxExtractor(one)).rejects.toThrow(
      'one.onnx: expected a network that takes [1, 1, 8, 8]',
    );
    await expect(loadOnnxExtractor(join(folder, 'none.onnx'))).rejects.toThrow('there is no such file');
  });
});

describe('distances over features', () => {
  const area = side * side;
  const stack = (...slices: Float32Array[]): Float32Array => {
    const out = new Float32Array(slices.length * area);
    slices.forEach((slice, i) => {
      out.set(slice, i * area);
    });
    return out;
  };

  it('are 0 for a perfect translation, larger for the copy, and take the slices that are asked for', async () => {
    const extractor = await gaussianDerivatives();
    const dim = image.map((value) => value / 2);
    const [a, b] = [
      stack(image, dim, image),
      stack(
        other,
        other.map((value) => value * 0.8),
        dim,
      ),
    ];
    const flat = b.map(() => 0.4);
    const known = { translation: b, constant: flat, truthMean: flat, copy: a };
    const made = [
      { source: 'a', target: 'b', images: { ...known, histogramMatched: null, regression: null } },
    ];
    const patient = await patientFeatures(extractor, { a, b }, made, side, [0, 1, 2]);
    const { directions } = summariseFeatures(extractor.description, ['a', 'b'], [patient]);
    expect(directions).toHaveLength(1);
    expect(directions[0]).toMatchObject({ source: 'a', target: 'b', slices: 3, histogramMatched: null });
    expect(directions[0]!.translation.perceptual).toBe(0);
    expect(directions[0]!.translation.frechet!).toBeLessThan(1e-9);
    expect(directions[0]!.copy.frechet!).toBeGreaterThan(0.01);
    expect(directions[0]!.copy.perceptual!).toBeGreaterThan(0.01);
  });

  it('spreads a limited number of slices evenly', () => {
    expect(spreadPositions(10, 3)).toEqual([1, 5, 8]);
    expect(spreadPositions(2, 5)).toEqual([0, 1]);
    expect(spreadPositions(7, 0)).toEqual([3]);
  });
});
