/**
 * The step "the student is given less than its teacher" with another network and another privilege than the brain
 * tumours' masks: a teacher removes noise from four acquisitions of a picture, its student from one alone. The student
 * never sees a clean picture; all it learns, it learns from its teacher.
 *
 *     npm run example
 */
import { createRandom } from '../src/base/random.js';
import { createGraph, type Graph, type Node } from '../src/engine/graph/graph.js';
import { concat, input, leakyRelu } from '../src/engine/graph/operations.js';
import { numberIn, type Tensor, type Tensors, tensor } from '../src/engine/graph/tensor.js';
import type { Program, Runtime } from '../src/engine/runtime/runtime.js';
import {
  adapterSpecs,
  type Distillable,
  type DistillableNetwork,
  distillationUpdate,
} from '../src/methods/distillation.js';
import { addBias, convolutionSpecs, convolve } from '../src/nn/convolution.js';
import { initialise, type ParameterSpec, type Parameters } from '../src/nn/parameters.js';
import { adamFactors, adamNodes, adamUpdate, zeroMoments } from '../src/training/adam.js';
import { meanAbsoluteError } from '../src/training/losses.js';
import { termOutputs } from '../src/training/program-outputs.js';

/** Mean absolute errors on pictures that nobody learnt from. */
export interface DistillationResult {
  /** Of one acquisition as it is. */
  readonly noisy: number;
  readonly teacher: number;
  /** Of the student before and after its distillation. */
  readonly untaught: number;
  readonly student: number;
}

const [side, batchSize, acquisitions, noise] = [24, 8, 4, 0.4];
const adam = { beta1: 0.9, beta2: 0.99 };
const learningRate = 5e-3;

/** All that is known while learning: the acquisition that the student gets, and the others. */
interface Acquisitions {
  readonly first: Node;
  readonly others: Node;
}

/** Two convolutions to the features that are compared, and a 1×1 convolution to the picture. */
function denoiser<Given>(
  name: string,
  features: number,
  inputs: number,
  pictureOf: (given: Given) => Node,
): DistillableNetwork<Given> {
  const specs: ParameterSpec[] = [
    ...convolutionSpecs('one', { inputs, outputs: features, kernel: 3 }, 'weight'),
    ...convolutionSpecs('two', { inputs: features, outputs: features, kernel: 3 }, 'weight'),
    ...convolutionSpecs('last', { inputs: features, outputs: 1, kernel: 1 }, 'weight'),
  ];
  const run = (parameters: Parameters, given: Given): Distillable => {
    const layer = (layerName: string, x: Node, padding: number): Node =>
      addBias(parameters, layerName, convolve(parameters, layerName, x, 1, padding));
    const begun = leakyRelu(layer('one', pictureOf(given), 1), 0.1);
    const found = leakyRelu(layer('two', begun, 1), 0.1);
    return { features: found, output: layer('last', found, 0) };
  };
  return { name, specs, run };
}

const teacher = denoiser('T', 12, acquisitions, ({ first, others }: Acquisitions) =>
  concat([first, others], 1),
);
const student = denoiser('S', 8, 1, ({ first }: Pick<Acquisitions, 'first'>) => first);
const given = {
  first: input('first', [batchSize, 1, side, side]),
  others: input('others', [batchSize, acquisitions - 1, side, side]),
};
const clean = input('clean', [batchSize, 1, side, side]);

/**
 * Trains a teacher on clean pictures, and its student on the teacher.
 *
 * @param updates of each
 */
export async function runPrivilegedDistillation(
  runtime: Runtime,
  updates: number,
): Promise<DistillationResult> {
  const held = pictures('held out');

  // 1. The teacher learns from the truth.
  let state: Tensors = beginning(teacher);
  const parameters = inputsOf(teacher);
  const loss = meanAbsoluteError(teacher.run(parameters, given).output, clean);
  const learnt = Object.fromEntries(Object.entries(parameters).map(([name, node]) => [`T.${name}`, node]));
  const learning = adamUpdate(loss, { label: 'teacher', parameters: learnt, adam, factors: adamNodes() });
  state = await train(
    runtime,
    createGraph('teacher', { ...learning, ...termOutputs({ loss }) }),
    state,
    updates,
  );
  const teacherError = await errorOf(runtime, teacher, given, state, held);

  // 2. The student, given less, learns from the teacher alone. Its features are fewer: an adapter brings them over.
  state = { ...state, ...beginning(student, adapterSpecs(8, 12)) };
  const shared = { first: given.first };
  const untaught = await errorOf(runtime, student, shared, state, held);
  const update = distillationUpdate({
    teacher,
    student,
    everything: given,
    withhold: ({ first }) => ({ first }),
    weights: { sup: 1, feature: 0.1 },
    adam,
  });
  state = await train(runtime, update, state, updates);
  return {
    noisy: await evaluate(runtime, meanAbsoluteError(given.first, clean), held),
    teacher: teacherError,
    untaught,
    student: await errorOf(runtime, student, shared, state, held),
  };
}

/** Drawn weights and moments of a network, and of an adapter. */
function beginning({ name, specs }: DistillableNetwork<never>, adapter: ParameterSpec[] = []): Tensors {
  const own = [...specs.map((one) => ({ ...one, name: `${name}.${one.name}` })), ...adapter];
  const weights = initialise(own, 1, 'example');
  return { ...weights, ...zeroMoments(weights) };
}

function inputsOf({ name, specs }: DistillableNetwork<never>): Parameters {
  return Object.fromEntries(
    specs.map((one) => [one.name, input(`${name}.${one.name}`, one.shape, 'parameter')]),
  );
}

async function train(runtime: Runtime, graph: Graph, begun: Tensors, updates: number): Promise<Tensors> {
  const program: Program = await runtime.compile(graph);
  let state = begun;
  for (let step = 1; step <= updates; step++) {
    const results = await program.run({
      ...state,
      ...pictures(step),
      ...adamFactors(adam, learningRate, step),
    });
    const next = Object.entries(results).filter(([name]) => name.startsWith('next.'));
    state = { ...state, ...Object.fromEntries(next.map(([name, value]) => [name.slice(5), value])) };
  }
  await program.close();
  return state;
}

function errorOf<Given>(
  runtime: Runtime,
  network: DistillableNetwork<Given>,
  given: Given,
  state: Tensors,
  held: Tensors,
): Promise<number> {
  const { output } = network.run(inputsOf(network), given);
  return evaluate(runtime, meanAbsoluteError(output, clean), { ...state, ...held });
}

async function evaluate(runtime: Runtime, error: Node, values: Tensors): Promise<number> {
  const program = await runtime.compile(createGraph('error', { error }));
  const results = await program.run(values);
  await program.close();
  return numberIn(results['error']!);
}

/** Discs on a dark ground, and acquisitions of them with noise. */
function pictures(key: number | string): Record<'clean' | 'first' | 'others', Tensor> {
  const random = createRandom('pictures', key);
  const pixels = side * side;
  const truth = new Float32Array(batchSize * pixels);
  for (let n = 0; n < batchSize; n++) {
    const [x, y, radius] = [6 + 12 * random.uniform(), 6 + 12 * random.uniform(), 3 + 5 * random.uniform()];
    for (let i = 0; i < pixels; i++)
      truth[n * pixels + i] = Number(Math.hypot((i % side) - x, Math.floor(i / side) - y) < radius);
  }
  const noisy = (count: number): Tensor =>
    tensor(
      Float32Array.from({ length: batchSize * count * pixels }, (_, i) => {
        const n = Math.floor(i / (count * pixels));
        return truth[n * pixels + (i % pixels)]! + noise * random.normal();
      }),
      [batchSize, count, side, side],
    );
  return {
    clean: tensor(truth, [batchSize, 1, side, side]),
    first: noisy(1),
    others: noisy(acquisitions - 1),
  };
}
