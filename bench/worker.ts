import { createInterface } from 'node:readline';
import { createRandom } from '../src/base/random.js';
import type { Tensor, Tensors } from '../src/engine/graph/tensor.js';
import { writeOnnx } from '../src/engine/onnx/write-onnx.js';
import { releaseUnused } from '../src/engine/runtime/runtime.js';
import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';
import { stageNetworks, teacherStart } from '../src/methods/utad-networks.js';
import { adamFactors } from '../src/training/adam.js';
import { jointAdamFactors } from '../src/training/joint-update.js';
import { presets } from '../src/training/presets.js';
import { nextPrefix } from '../src/training/program-outputs.js';
import { compileResident, loadState } from '../src/training/resident.js';
import { startState } from '../src/training/state.js';
import { openModel } from '../src/translate/model-session.node.js';
import { translateSlices } from '../src/translate/translate-slices.js';
import { graphOf, setupOf, translationGraph } from './programs.js';
import type { Work } from './works.js';

/**
 * Our side of a comparison: a process that prepares one piece of work and repeats it whenever a line comes in.
 * Reads lines of JSON: the work, then one for each repetition; answers a line of JSON each time.
 */
async function serve(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  const work = JSON.parse(first.value as string) as Work;
  const run = await prepare(work);
  await run();
  say({ version: 'utad-net' });
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const [began, before] = [performance.now(), process.cpuUsage()];
    await run();
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(before);
    say({
      seconds,
      processorSeconds: (user + system) / 1e6,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    });
  }
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function prepare(work: Work): Promise<() => Promise<unknown>> {
  return work.kind === 'translation' ? prepareTranslation(work) : prepareTraining(work);
}

async function prepareTraining(work: Work): Promise<() => Promise<unknown>> {
  const setup = setupOf(work);
  const runtime = createNodeRuntime(work.device, { threads: work.threads });
  const program = await compileResident(runtime, graphOf(work));
  const shape = {
    name: 'teacher',
    networks: stageNetworks(setup.model),
    frozen: {},
    output: 'G',
    averageDecay: 0,
  };
  const start = startState(shape, teacherStart(setup.model, 1));
  let state = (await loadState({ memory: runtime.memory ?? null }, start)).tensors;
  const batch = randomBatch(work);
  let iteration = 0;
  return async () => {
    iteration++;
    const factors = adamFactors(setup.adam, 1e-4, iteration);
    const results = await program.run({
      ...state,
      ...batch,
      ...factors,
      ...jointAdamFactors('generator', factors),
    });
    // As in training, what comes out is what goes in next.
    const next = Object.entries(results).filter(([name]) => name.startsWith(nextPrefix));
    const moved = next.map(([name, value]) => [name.slice(nextPrefix.length), value] as const);
    const before = state;
    state = { ...state, ...Object.fromEntries(moved) };
    releaseUnused(before, state);
  };
}

async function prepareTranslation(work: Work): Promise<() => Promise<unknown>> {
  const setup = setupOf(work);
  const bytes = writeOnnx(translationGraph(setup), { openBatch: true });
  const session = await openModel(bytes, work.name, setup.model, work.device, work.threads);
  const slices = randomValues('slices', (work.slices ?? 1) * work.side ** 2);
  return () => translateSlices(session.network, setup.model, slices, 0, 1, { batchSize: work.batch });
}

function randomBatch(work: Work): Tensors {
  const pixels = [work.batch, 1, work.side, work.side];
  const count = work.batch * work.side ** 2;
  const modalities = presets.paper.model.modalities.length;
  const oneHot = (shift: number): Tensor => ({
    shape: [work.batch, modalities],
    data: Float32Array.from({ length: work.batch * modalities }, (_, i) =>
      i % modalities === (Math.floor(i / modalities) + shift) % modalities ? 1 : 0,
    ),
  });
  const factors = (name: string): Tensor => ({
    shape: [work.batch, 1, 1, 1],
    data: randomValues(name, work.batch).map((value) => (value + 1) / 2),
  });
  return {
    image: { shape: pixels, data: randomValues('image', count) },
    tumour: { shape: pixels, data: randomValues('tumour', count) },
    mask: { shape: pixels, data: randomValues('mask', count).map((value) => (value > 0.6 ? 1 : 0)) },
    source: oneHot(0),
    target: oneHot(1),
    alpha: factors('alpha'),
    beta: factors('beta'),
  };
}

function randomValues(name: string, count: number): Float32Array {
  const random = createRandom('bench', name);
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

await serve();
