import { describe, expect, it } from 'vitest';
import { startStudent, startTeacher } from '../../test/fixtures/start-state.js';
import { createRandom } from '../base/random.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import type { Batch } from '../slices/batch.js';
import { jointUpdate } from '../training/joint-update.js';
import { resolveConfiguration } from '../training/presets.js';
import type { TrainingState } from '../training/state.js';
import { compileUpdates, type LiveState, trainStep, type UpdatePrograms } from '../training/step.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import type { Stage } from '../training/utad-losses.js';
import { batchTensors } from './translation-batches.js';
import type { TranslationScore } from './translation-score.js';
import { updateSetupOf, utadMethod } from './utad.js';
import { criticUpdate, generatorUpdate } from './utad-update.js';

const configuration = resolveConfiguration('tiny', {
  'model.sliceSide': 32,
  'model.baseChannels': 4,
  'model.levels': 3,
  'model.criticBaseChannels': 4,
  'schedule.batchSize': 2,
  'model.modalities': ['a', 'b', 'c'],
  'optimiser.averageDecay': 0.5,
});
const withoutPenalty = resolveConfiguration('tiny', { ...configuration, 'losses.critic.gp': 0 });
const runtime = createNodeRuntime('cpu', { threads: 1 });
const random = createRandom('joint update');
const noise = (): Float32Array => Float32Array.from({ length: 2 * 32 * 32 }, () => 2 * random.uniform() - 1);
const batch: Batch = {
  image: noise(),
  sources: new Float32Array(0),
  present: new Float32Array(0),
  contextSlices: new Float32Array(0),
  mask: noise().map((value) => (value > 0.5 ? 1 : 0)),
  source: Float32Array.of(1, 0, 0, 0, 1, 0),
  target: Float32Array.of(0, 1, 0, 0, 0, 1),
  truth: noise(),
  sampleWeight: Float32Array.of(1, 1),
  maskWeight: Float32Array.of(0.5, 0.5),
};

function startOf(stage: Stage, asked = configuration): TrainingState<TranslationScore> {
  const model = modelOf(asked);
  const teacher = startTeacher(model, 1, true);
  if (stage === 'teacher') return teacher;
  const generator = Object.entries(teacher.tensors).filter(([name]) => name.startsWith('G.'));
  return startStudent(Object.fromEntries(generator), model, 1, true, model);
}

async function steps(programs: UpdatePrograms, stage: Stage, asked: TrainingConfiguration) {
  let state: LiveState<TranslationScore> = startOf(stage, asked);
  const losses: Record<string, number>[] = [];
  for (let i = 0; i < 2; i++) {
    const result = await trainStep(programs, asked, state, batchTensors(batch, asked, stage, i), 100);
    state = result.state;
    losses.push(result.losses);
  }
  await programs.close();
  return { state, losses };
}

describe('jointUpdate', () => {
  // The same operations in the same order; what is left is how ONNX Runtime fuses them.
  const tolerance = 1e-5;

  it.each([
    ['teacher', 'teacher', configuration],
    ['student', 'student', configuration],
    ['teacher without a penalty', 'teacher', withoutPenalty],
  ] as const)('gives what the two programs give one after the other: %s', async (_, stage, asked) => {
    const method = utadMethod(asked, stage);
    const updates = method.updates({ entries: [] });
    const apart = await compileUpdates(runtime, { ...method, joinsUpdates: false }, updates);
    expect(apart.joint).toBeNull();
    const one = await steps(apart, stage, asked);
    const together = await compileUpdates(runtime, method, updates);
    expect(together.joint).not.toBeNull();
    expect(together.updates.map(({ program }) => program)).toEqual([null, null]);
    const both = await steps(together, stage, asked);

    expect(Object.keys(both.losses[1]!).sort()).toEqual(Object.keys(one.losses[1]!).sort());
    for (const [i, losses] of one.losses.entries())
      for (const [name, value] of Object.entries(losses))
        expect(Math.abs(both.losses[i]![name]! - value), name).toBeLessThan(
          tolerance * Math.max(1, Math.abs(value)),
        );
    expect(Object.keys(both.state.tensors).sort()).toEqual(Object.keys(one.state.tensors).sort());
    const [before, a, b] = [
      startOf(stage, asked).tensors,
      one.state.tensors as Tensors,
      both.state.tensors as Tensors,
    ];
    const moved = { G: 0, D: 0, localD: 0 };
    for (const [name, { data }] of Object.entries(a)) {
      const apartMost = data.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - b[name]!.data[i]!)),
        0,
      );
      expect(apartMost, name).toBeLessThan(tolerance);
      const network = name.split('.')[0] as keyof typeof moved;
      if (network in moved && data.some((value, i) => value !== before[name]!.data[i])) moved[network]++;
    }
    expect(Math.min(...Object.values(moved))).toBeGreaterThan(5);
  });

  it('computes the pass that both updates begin with once', () => {
    const setup = updateSetupOf(configuration, 'teacher');
    const convolutions = (bytes: Uint8Array): number =>
      new TextDecoder('latin1').decode(bytes).split('\x04Conv').length - 1;
    const [first, second] = utadMethod(configuration, 'teacher').updates({ entries: [] });
    const graphs = [criticUpdate(setup), generatorUpdate(setup), jointUpdate('both', first!, second!)];
    const [critic, generator, joint] = graphs.map((graph) => convolutions(writeOnnx(graph))) as [
      number,
      number,
      number,
    ];
    // Two encoders of 3 blocks and a centre, two decoders of 3 steps, each two or three convolutions; fusion and scores.
    const pass = 2 * (2 * 4 + 3 * 3) + 2 + 2;
    expect(joint).toBe(critic + generator - pass);
  });
});

it('without a verdict that has a weight a stage trains without critics, which stay as they were', async () => {
  const verdicts = { fake: 0, cls: 0, local_fake: 0, local_cls: 0 };
  const asked = resolveConfiguration('tiny', { ...configuration, 'losses.generator': verdicts });
  for (const stage of ['teacher', 'student'] as const) {
    const method = utadMethod(asked, stage);
    const programs = await compileUpdates(runtime, method, method.updates({ entries: [] }));
    expect(programs.updates.map(({ label }) => label)).toEqual(['generator']);
    const { state, losses } = await steps(programs, stage, asked);
    expect(Object.keys(losses[1]!).filter((name) => !name.startsWith('generator.'))).toEqual([]);
    expect(Object.keys(losses[1]!)).toContain('generator.rec');
    expect(state.iteration).toBe(2);
    const before = startOf(stage, asked).tensors;
    expect(Object.keys(state.tensors).toSorted()).toEqual(Object.keys(before).toSorted());
    const moved = Object.entries(state.tensors as Tensors).flatMap(([name, { data }]) =>
      data.some((value, i) => value !== before[name]!.data[i]) ? [name.split('.')[0]!] : [],
    );
    expect(moved).toContain('G');
    expect(moved.filter((name) => /D$/.test(name))).toEqual([]);
  }
});
