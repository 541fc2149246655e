import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shapes.js';
import { cycleganRival } from '../../src/compare/cyclegan.js';
import type { Rival } from '../../src/compare/rival.js';
import { startRival } from '../../src/compare/rival-state.js';
import { starganRival } from '../../src/compare/stargan.js';
import { targanRival } from '../../src/compare/targan.js';
import type { Graph } from '../../src/engine/graph.js';
import { evaluateReference } from '../../src/engine/reference.js';
import { createNodeRuntime } from '../../src/engine/runtime.node.js';
import { type Tensor, type Tensors, tensor } from '../../src/engine/tensor.js';
import { adamFactors } from '../../src/training/adam.js';
import { smallestModel } from './cases.js';
import { findSwiftShader } from './chromium.js';

/** Largest error of losses and translations in float32. */
const tolerance = 2e-4;

const adam = { beta1: 0.9, beta2: 0.999 };
const setup = { model: { ...smallestModel, levels: 4 }, batchSize: 2, adam, averageDecay: 0.9 };
const rivals = [starganRival(setup), cycleganRival(setup, { first: 0, second: 2 }), targanRival(setup)];

const swiftShader = findSwiftShader();
const isGpuWanted = process.env['UTAD_TEST_GPU'] === '1';
const missing = swiftShader === null && !isGpuWanted;
const note = missing ? " (skipped: this machine lacks SwiftShader, which Debian's chromium package has)" : '';

function inputsOf(rival: Rival, { inputs }: Graph): Tensors {
  const known: Tensors = { ...startRival(rival, 1, true).tensors, ...adamFactors(adam, 0.01, 1) };
  return Object.fromEntries(
    inputs.map(({ attributes: { name }, shape }) => [name, known[name] ?? draw(name, shape)]),
  );
}

function draw(name: string, shape: readonly number[]): Tensor {
  const random = createRandom('rival', name);
  if (name === 'source' || name === 'target') {
    const column = name === 'source' ? [0, 2] : [2, 1];
    return tensor(
      Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
        i % shape[1]! === column[Math.floor(i / shape[1]!)] ? 1 : 0,
      ),
      shape,
    );
  }
  const positive = name === 'mask' || name === 'alpha' || name === 'beta';
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () =>
      positive ? random.uniform() : 2 * random.uniform() - 1,
    ),
    shape,
  );
}

function check(device: string): void {
  it.each(rivals.map((rival) => [rival.name, rival] as const))(
    'computes as the reference does: %s',
    async (_, rival) => {
      const runtime = createNodeRuntime(device);
      for (const graph of [rival.criticUpdate(), rival.generatorUpdate(), rival.translation(2)]) {
        const inputs = inputsOf(rival, graph);
        const expected = evaluateReference(graph, inputs);
        const program = await runtime.compile(graph);
        const results = await program.run(inputs);
        await program.close();
        const judged = Object.keys(expected).filter((name) => !name.startsWith('next.'));
        expect(judged.length, graph.name).toBeGreaterThan(0);
        for (const name of judged) {
          const error = Math.max(
            ...expected[name]!.map((value, i) => Math.abs(value - results[name]!.data[i]!)),
          );
          const size = Math.max(1, ...expected[name]!.map(Math.abs));
          expect(error / size, `${graph.name}, ${name}`).toBeLessThan(tolerance);
        }
        // Every update moves what it learns.
        const moved = Object.keys(results).filter((name) => name.startsWith('next.'));
        for (const name of moved) {
          const before = inputs[name.slice('next.'.length)]!.data;
          expect(
            results[name]!.data.some((value, i) => value !== before[i]),
            `${graph.name}, ${name}`,
          ).toBe(true);
        }
      }
    },
    300_000,
  );
}

describe('rivals on the CPU', () => check('cpu'));

describe.skipIf(missing)(`rivals on WebGPU${note}`, () => {
  if (!isGpuWanted && swiftShader !== null) process.env['VK_ICD_FILENAMES'] = swiftShader;
  check('webgpu');
});
