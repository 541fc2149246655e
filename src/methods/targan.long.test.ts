import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { sizeOf } from '../base/shapes.js';
import type { Graph } from '../engine/graph/graph.js';
import { filled, oneHots, type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { adamFactors, momentNames } from '../training/adam.js';
import { resolveConfiguration } from '../training/presets.js';
import { startState } from '../training/state.js';
import { targanMethod } from './targan.js';

interface Golden {
  readonly image: readonly number[];
  readonly critic: Readonly<Record<string, number>>;
  readonly generator: Readonly<Record<string, number>>;
  readonly criticGradients: Readonly<Record<string, { readonly norm: number; readonly along: number }>>;
  readonly generatorGradients: Golden['criticGradients'];
}

const golden = JSON.parse(
  await readFile(new URL('../../test/golden/targan.json', import.meta.url), 'utf8'),
) as Golden;
const [batchSize, side] = [1, 32];
const shape = [batchSize, 1, side, side];
const adam = { beta1: 0.9, beta2: 0.999 };
const model = {
  modalities: ['a', 'b', 'c'],
  sliceSide: side,
  baseChannels: 4,
  levels: 2,
  criticBaseChannels: 2,
  criticLayers: 4,
};
const resolved = resolveConfiguration('tiny', { model, optimiser: { ...adam, averageDecay: 0 } });
// One slice is fewer than a person may ask for.
const configuration = { ...resolved, schedule: { ...resolved.schedule, batchSize } };
const method = targanMethod(configuration, 1);
const start = startState(method, await method.start());
const [critic, generator] = method.updates({ entries: [] });

/** Both sides make weights and slices by the same formula, so that neither has to store them. */
function wave(name: string, count: number): Float64Array {
  const h = Array.from(name).reduce((sum, letter, j) => sum + letter.charCodeAt(0) * (j + 1), 0) % 997;
  return Float64Array.from({ length: count }, (_, i) => Math.sin(0.61 * i + 0.37 * h));
}

function weights(): Tensors {
  const { tensors } = start;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape: size }]) => {
      if (name.startsWith('adam.')) return [name, filled(size, 0)];
      const scale = size.length === 4 ? Math.sqrt(2 / sizeOf(size.slice(1))) : 0.1;
      const offset = name.endsWith('.norm.weight') ? 1 : 0;
      return [
        name,
        tensor(
          Float32Array.from(wave(name, sizeOf(size)), (v) => offset + scale * v),
          size,
        ),
      ];
    }),
  );
}

function batch(): Tensors {
  const within = (row: number, column: number, radius: number): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
      Math.hypot((Math.floor(i / side) % side) - row, (i % side) - column) < radius ? 1 : 0,
    );
  const brain = within(15.5, 15.5, 12);
  const noise = wave('image', sizeOf(shape));
  return {
    image: tensor(
      Float32Array.from(noise, (v, i) => (brain[i] ? 0.9 * v : -1)),
      shape,
    ),
    mask: tensor(within(12, 18, 5), shape),
    source: oneHots(batchSize, 3, 0),
    target: oneHots(batchSize, 3, 2),
    alpha: tensor([0.3], [1, 1, 1, 1]),
    beta: tensor([0.6], [1, 1, 1, 1]),
  };
}

/** In double precision: instance norms of 2×2 planes magnify rounding. */
async function run(graph: Graph): Promise<Record<string, Tensor>> {
  const program = await createNodeRuntime('cpu', { precision: 'float64' }).compile(graph);
  const results = await program.run({ ...weights(), ...batch(), ...adamFactors(adam, 1e-4, 1) });
  await program.close();
  return results;
}

function expectTerms(results: Record<string, Tensor>, terms: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(terms)) {
    const own = results[`term.${name}`]!.data[0]!;
    expect(Math.abs(own - value), name).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  }
}

/** Of moments that begin at 0, the first is (1 − β₁) times the gradient after one step. */
function expectGradients(results: Record<string, Tensor>, gradients: Golden['criticGradients']): void {
  const learnt = Object.keys(results).filter((name) => name.startsWith('next.adam.first.'));
  expect(learnt.map((name) => name.slice('next.adam.first.'.length)).sort()).toEqual(
    Object.keys(gradients).sort(),
  );
  for (const [name, { norm, along }] of Object.entries(gradients)) {
    const moment = results[`next.${momentNames(name)[0]}`]!.data;
    const gradient = Float64Array.from(moment, (value) => value / (1 - adam.beta1));
    const direction = wave('along', gradient.length);
    const limit = 2e-4 * norm + 1e-8;
    expect(Math.abs(Math.hypot(...gradient) - norm), `${name}, length`).toBeLessThan(limit);
    const own = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    // Along a wave, a tensor's rounding adds up.
    expect(Math.abs(own - along), `${name}, along`).toBeLessThan(limit * Math.sqrt(gradient.length));
  }
}

it('translates as TarGAN written in PyTorch does', async () => {
  const { translated } = await run(method.inference(batchSize));
  golden.image.forEach((value, i) => {
    expect(Math.abs(translated!.data[37 * i]! - value), `pixel ${37 * i}`).toBeLessThan(1e-5);
  });
});

it('has its critics’ losses and gradients', async () => {
  const results = await run(critic!.graph());
  expectTerms(results, golden.critic);
  expectGradients(results, golden.criticGradients);
});

it('has its generator’s and shape controller’s losses and gradients', async () => {
  const results = await run(generator!.graph());
  expectTerms(results, golden.generator);
  expectGradients(results, golden.generatorGradients);
});

it('refuses features that cannot be halved', () => {
  expect(() =>
    targanMethod({ ...configuration, model: { ...configuration.model, baseChannels: 3 } }, 1),
  ).toThrow(
    'model.baseChannels: expected an even number for TarGAN, which keeps half of them as skips, got 3.',
  );
});
