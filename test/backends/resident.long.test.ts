import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.js';
import { createGraph } from '../../src/engine/graph/graph.js';
import { input, negate, shift } from '../../src/engine/graph/operations.js';
import { filled, type Tensors } from '../../src/engine/graph/tensor.js';
import {
  type DeviceMemory,
  type HeldTensors,
  isOnDevice,
  type Program,
  type Runtime,
  releaseUnused,
} from '../../src/engine/runtime/runtime.js';
import { createNodeRuntime } from '../../src/engine/runtime/runtime.node.js';
import { batchTensors } from '../../src/methods/translation-batches.js';
import type { TranslationScore } from '../../src/methods/translation-score.js';
import { utadMethod } from '../../src/methods/utad.js';
import type { Batch } from '../../src/slices/batch.js';
import { resolveConfiguration } from '../../src/training/presets.js';
import { loadState, readState } from '../../src/training/resident.js';
import type { TrainingState } from '../../src/training/state.js';
import { compileUpdates, type LiveState, trainStep } from '../../src/training/step.js';
import { modelOf } from '../../src/training/training-configuration.js';
import { startTeacher } from '../fixtures/start-state.js';
import { findSwiftShader } from './chromium.js';

const side = 32;
const configuration = resolveConfiguration('tiny', {
  'model.sliceSide': side,
  'model.baseChannels': 2,
  'model.levels': 2,
  'model.criticBaseChannels': 2,
  'schedule.batchSize': 2,
  'schedule.iterations': 100,
  'schedule.generatorEvery': 2,
  'model.modalities': ['t1', 't2', 'pd'],
  'optimiser.averageDecay': 0.5,
});

/** The same update, once kept and once fetched, differs by nothing: the values that travel are not changed. */
const tolerance = 0;

const swiftShader = findSwiftShader();
const isGpuWanted = process.env['UTAD_TEST_GPU'] === '1';
const missing = swiftShader === null && !isGpuWanted;
const note = missing ? " (skipped: this machine lacks SwiftShader, which Debian's chromium package has)" : '';

function batch(iteration: number): Batch {
  const random = createRandom('batch', iteration);
  const noise = (): Float32Array =>
    Float32Array.from({ length: 2 * side * side }, () => 2 * random.uniform() - 1);
  const image = noise();
  return {
    image,
    sources: new Float32Array(0),
    present: new Float32Array(0),
    contextSlices: new Float32Array(0),
    mask: noise().map((value) => (value > 0 ? 1 : 0)),
    source: Float32Array.of(1, 0, 0, 0, 1, 0),
    target: Float32Array.of(0, 1, 0, 0, 0, 1),
    truth: noise(),
    sampleWeight: Float32Array.of(0, 1),
    maskWeight: Float32Array.of(0.5, 0.5),
  };
}

const inputs = (i: number): Tensors => batchTensors(batch(i), configuration, 'teacher', i);

/** Trains for some steps and gives the state and the losses after them. */
async function train(
  runtime: Runtime,
  steps: number,
  onStep: (state: LiveState<TranslationScore>, iteration: number) => void = () => undefined,
): Promise<{ state: TrainingState<TranslationScore>; losses: unknown[] }> {
  const method = utadMethod(configuration, 'teacher');
  const programs = await compileUpdates(runtime, method, method.updates({ entries: [] }));
  const begun: TrainingState<TranslationScore> = startTeacher(modelOf(configuration), 1, true);
  let live: LiveState<TranslationScore> = await loadState(programs, begun);
  const losses: unknown[] = [];
  for (let i = 0; i < steps; i++) {
    const result = await trainStep(programs, configuration, live, inputs(i), 100);
    releaseUnused(live.tensors, result.state.tensors);
    live = result.state;
    losses.push(result.losses);
    onStep(live, i + 1);
  }
  const state = await readState(programs, live);
  releaseUnused(live.tensors);
  await programs.close();
  return { state, losses };
}

function farthest(a: Tensors, b: Tensors): number {
  return Math.max(
    ...Object.entries(a).map(([name, { data }]) =>
      data.reduce((most, value, i) => Math.max(most, Math.abs(value - b[name]!.data[i]!)), 0),
    ),
  );
}

describe.skipIf(missing)(`training on WebGPU in Node${note}`, () => {
  let webgpu: Runtime;
  let anchor: Program;
  beforeAll(async () => {
    if (!isGpuWanted) process.env['VK_ICD_FILENAMES'] = swiftShader!;
    webgpu = createNodeRuntime('webgpu');
    // The device and its compiled shaders live as long as any program: they are made once for all tests.
    anchor = await webgpu.compile(createGraph('anchor', { y: negate(input('x', [1])) }));
  });
  afterAll(() => anchor?.close());

  it('gives the same state whether it stays on the device between steps or travels', async () => {
    const { memory: _, ...travelling } = webgpu;
    const stayed = await train(webgpu, 3);
    const travelled = await train(travelling, 3);
    expect(stayed.losses).toEqual(travelled.losses);
    expect(Object.keys(stayed.state.tensors).sort()).toEqual(Object.keys(travelled.state.tensors).sort());
    expect(farthest(stayed.state.tensors, travelled.state.tensors)).toBeLessThanOrEqual(tolerance);
    expect(stayed.state.iteration).toBe(3);
  });

  it('holds every tensor of the state on the device, once, and none afterwards', async () => {
    // Counts through a memory that stands before the device's own.
    let held = 0;
    const counted = (tensors: HeldTensors): void => {
      for (const value of Object.values(tensors).filter(isOnDevice)) {
        held++;
        const release = value.release.bind(value);
        (value as { release: () => void }).release = () => {
          held--;
          release();
        };
      }
    };
    const own = webgpu.memory!;
    const memory: DeviceMemory = {
      ...own,
      compile: async (graph, stays) => {
        const program = await own.compile(graph, stays);
        return {
          ...program,
          run: async (inputs) => {
            const results = await program.run(inputs);
            counted(results);
            return results;
          },
        };
      },
      upload: async (tensors) => {
        const uploaded = await own.upload(tensors);
        counted(uploaded);
        return uploaded;
      },
    };
    await train({ ...webgpu, memory }, 2, ({ tensors }) => {
      expect(Object.values(tensors).every(isOnDevice)).toBe(true);
      expect(held).toBe(Object.keys(tensors).length);
    });
    expect(held).toBe(0);
  });

  it('frees what is released: 50 rounds of 8 MB leave no trace', async () => {
    const shape = [2, 1024, 1024];
    const x = input('x', shape);
    const program = await webgpu.memory!.compile(createGraph('round', { y: shift(x, 1) }), () => true);
    let tensors: HeldTensors = await webgpu.memory!.upload({ x: filled(shape, 0) });
    const resident: number[] = [];
    for (let round = 1; round <= 50; round++) {
      const { y } = await program.run(tensors);
      releaseUnused(tensors);
      tensors = { x: y! };
      if (round === 10 || round === 50) resident.push(process.memoryUsage().rss);
    }
    expect((await webgpu.memory!.download(tensors))['x']!.data[0]).toBe(50);
    releaseUnused(tensors);
    await program.close();
    // 40 rounds that freed nothing would leave 320 MB.
    expect(resident[1]! - resident[0]!).toBeLessThan(60e6);
  });
});
