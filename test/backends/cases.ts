import { createRandom } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shapes.js';
import { type ParityCase, parityCases } from '../../src/engine/devices/self-test.js';
import type { Graph } from '../../src/engine/graph/graph.js';
import { type Tensor, type Tensors, tensor } from '../../src/engine/graph/tensor.js';
import type { UpdateSetup } from '../../src/methods/utad-update.js';
import { criticUpdate, generatorUpdate } from '../../src/methods/utad-update.js';
import { criticSpecs } from '../../src/model/critic.js';
import { generatorSpecs } from '../../src/model/generator.js';
import type { ModelConfiguration } from '../../src/model/network-configuration.js';
import { initialise } from '../../src/nn/parameters.js';
import { adamFactors } from '../../src/training/adam.js';
import { initialNetworks } from '../../src/training/networks.js';
import type { Stage } from '../../src/training/utad-losses.js';
import { publishedWeights } from '../../src/training/utad-losses.js';
import { inferenceGraph } from '../../src/translate/write-model.js';

/** The smallest networks that have every part: 32×32 slices, 4 features, first convolutions of 5 channels. */
export const smallestModel: ModelConfiguration = {
  modalities: ['t1', 't1ce', 't2', 'flair'],
  sliceSide: 32,
  baseChannels: 4,
  levels: 2,
  criticBaseChannels: 4,
  criticLayers: 4,
};

const adam = { beta1: 0.9, beta2: 0.999 };
const batchSize = 2;

/** What every backend must compute as the reference does: operations, updates of both stages, a translation. */
export function backendCases(): ParityCase[] {
  return [...parityCases(), ...wholePrograms()];
}

/** Whole critic and generator updates of teacher and student, and a translation. */
export function wholePrograms(): ParityCase[] {
  const updates = (['teacher', 'student'] as const).flatMap((stage) => {
    const setup = setupOf(stage);
    return [criticUpdate(setup), generatorUpdate(setup)];
  });
  const generator = initialise(generatorSpecs(smallestModel), 1, 'G');
  const translation = inferenceGraph(smallestModel, generator);
  // Its first convolution has seven channels.
  const around = { ...smallestModel, contextSlices: 1 };
  const aroundSlices = inferenceGraph(around, initialise(generatorSpecs(around), 1, 'G'));
  return [
    ...[...updates, translation].map((graph) => ({ name: graph.name, graph })),
    { name: `${aroundSlices.name} with contextSlices`, graph: aroundSlices },
  ].map((one) => ({ ...one, inputs: inputsOf(one.graph) }));
}

function setupOf(stage: Stage): UpdateSetup {
  return { stage, model: smallestModel, batchSize, weights: publishedWeights, adam, averageDecay: 0.9 };
}

/** Values for every input of a program: networks as they start, moments in the middle of a training, noise. */
function inputsOf(graph: Graph): Tensors {
  const [generator, critic] = [generatorSpecs(smallestModel), criticSpecs(smallestModel)];
  const networks = initialNetworks(
    { G: generator, D: critic, localD: critic, T: generator, averageG: generator },
    1,
  );
  const known: Tensors = { ...networks, ...adamFactors(adam, 0.01, 5) };
  return Object.fromEntries(
    graph.inputs.map(({ attributes: { name }, shape }) => [name, known[name] ?? draw(name, shape)]),
  );
}

function draw(name: string, shape: readonly number[]): Tensor {
  const random = createRandom('backend case', name);
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    if (name.startsWith('adam.first.')) return 0.1 * random.normal();
    if (name.startsWith('adam.second.')) return 0.01 + 0.01 * random.uniform();
    if (name === 'source' || name === 'target') {
      const [row, column] = [Math.floor(i / shape[1]!), i % shape[1]!];
      return column === (row + (name === 'source' ? 0 : 2)) % shape[1]! ? 1 : 0;
    }
    // Not 0 or 1: images that are constant in places have ties that rounding breaks one way or the other.
    if (name === 'mask') return 0.2 + 0.8 * random.uniform();
    if (name === 'alpha' || name === 'beta') return random.uniform();
    return 2 * random.uniform() - 1;
  });
  return tensor(values, shape);
}
