import { z } from 'zod';
import { fail } from '../../src/base/errors.js';
import { readFileBytes } from '../../src/base/files.node.js';
import { decodeSafetensors } from '../../src/engine/files/safetensors.js';
import { createGraph, type Graph, type Node } from '../../src/engine/graph/graph.js';
import { input } from '../../src/engine/graph/operations.js';
import { numberIn, type Tensor, type Tensors } from '../../src/engine/graph/tensor.js';
import type { Precision } from '../../src/engine/onnx/emitter.js';
import { createNodeRuntime } from '../../src/engine/runtime/runtime.node.js';
import { stageNetworks } from '../../src/methods/utad-networks.js';
import { criticUpdate, generatorUpdate, type UpdateSetup } from '../../src/methods/utad-update.js';
import { contextInput } from '../../src/model/context-input.js';
import { scoreSlices } from '../../src/model/critic.js';
import { generate } from '../../src/model/generator.js';
import { type ModelConfiguration, requireModelConfiguration } from '../../src/model/network-configuration.js';
import { cutTumour } from '../../src/model/tumour-image.js';
import { adamFactors, zeroMoments } from '../../src/training/adam.js';
import {
  learntNames,
  parameterInputs,
  requireTensors,
  withoutPrefix,
  withPrefix,
} from '../../src/training/networks.js';
import { termPrefix } from '../../src/training/program-outputs.js';
import { publishedWeights, type Stage } from '../../src/training/utad-losses.js';

/** The largest error of one group of golden values. */
export interface GoldenRow {
  readonly group: string;
  /** `relative` to the largest value of each tensor, or `absolute`. */
  readonly kind: 'relative' | 'absolute';
  readonly error: number;
  /** Infinity where the error is shown and not judged. */
  readonly limit: number;
  /** Elements left out of an absolute comparison, see {@link weightError}. */
  readonly leftOut?: number;
}

/** Limits by kind of value. */
interface Limits {
  /** Results in evaluation mode. */
  readonly forward: number;
  /** Losses and results of the updates. */
  readonly update: number;
  readonly gradient: number;
  readonly weights: number;
}

const shownOnly = Number.POSITIVE_INFINITY;

/**
 * In double precision every group is judged. Float32 cannot follow the updates of so small a network: even with
 * every single operation correctly rounded, instance norms of 2×2 planes through 72 layers leave 5 % of error in
 * the generator's gradient. So float32 is judged by its forward pass and only shown elsewhere.
 */
const limitsOf: Readonly<Record<Precision, Limits>> = {
  float64: { forward: 1e-4, update: 1e-4, gradient: 1e-3, weights: 1e-5 },
  float32: { forward: 1e-3, update: shownOnly, gradient: shownOnly, weights: shownOnly },
};

const adam = { beta1: 0.9, beta2: 0.999 };
const learningRate = 1e-4;
/** Losses nearer to zero than this are compared absolutely. */
const smallestLoss = 1e-3;

type TrainedNetwork = 'G' | 'D' | 'localD';

interface GoldenFile {
  readonly batchSize: number;
  readonly golden: Tensors;
  readonly losses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly precision: Precision;
}

const goldenSchema = z.object({
  meta: z.object({
    features: z.int(),
    levels: z.int(),
    image_size: z.int(),
    batch: z.int(),
    modalities: z.int(),
    critic_features: z.int(),
    critic_layers: z.int(),
  }),
  losses: z.record(z.string(), z.record(z.string(), z.number())),
});

/**
 * Runs the published network's golden values through our programs: forward passes, losses, gradients and updated
 * weights of both stages.
 *
 * @param path the golden file without `.safetensors` and `.json`
 * @param precision of the ONNX programs
 * @param stages whose updates are compared
 * @throws UtadError when a file is missing or broken.
 */
export async function runGolden(
  path: string,
  precision: Precision,
  stages: readonly Stage[] = ['teacher', 'student'],
): Promise<GoldenRow[]> {
  const { tensors } = decodeSafetensors(await readFileBytes(`${path}.safetensors`), `${path}.safetensors`);
  const { meta, losses } = readDescription(await readFileBytes(`${path}.json`), `${path}.json`);
  const model: ModelConfiguration = {
    modalities: Array.from({ length: meta.modalities }, (_, i) => `m${i}`),
    sliceSide: meta.image_size,
    baseChannels: meta.features,
    levels: meta.levels,
    criticBaseChannels: meta.critic_features,
    criticLayers: meta.critic_layers,
  };
  requireModelConfiguration(model);
  for (const [network, specs] of Object.entries(stageNetworks(model)))
    requireTensors(`${path}.safetensors`, `${network}.`, specs, tensors);

  const rows = await checkForward(model, meta.batch, tensors, precision);
  for (const stage of stages) {
    rows.push(
      ...(await checkStage(stage, model, { batchSize: meta.batch, golden: tensors, losses, precision })),
    );
  }
  return rows;
}

async function checkForward(
  model: ModelConfiguration,
  batchSize: number,
  golden: Tensors,
  precision: Precision,
): Promise<GoldenRow[]> {
  const [image, mask] = ['image', 'mask'].map((name) =>
    input(name, [batchSize, 1, model.sliceSide, model.sliceSide]),
  ) as [Node, Node];
  const target = input('target', [batchSize, model.modalities.length]);
  const made = generate(
    model,
    parameterInputs('G', stageNetworks(model).G),
    { image, contextSlices: contextInput(model, batchSize), tumour: cutTumour(image, mask), target },
    'evaluation',
  );
  const verdict = scoreSlices(model, parameterInputs('D', stageNetworks(model).D), image);
  const results = await run(
    createGraph('forward', {
      'eval.image': made.image,
      'eval.tumour': made.tumour,
      'eval.bottleneck': made.bottleneck,
      'eval.D.source': verdict.source,
      'eval.D.class': verdict.modality,
    }),
    { ...golden, ...batchOf(golden) },
    precision,
  );
  return Object.keys(results).map((name) => ({
    group: name,
    kind: 'relative',
    error: relativeError(results[name], golden[name]),
    limit: limitsOf[precision].forward,
  }));
}

/** Two critic updates and a generator update from the initial weights, as the golden values were made. */
async function checkStage(
  stage: Stage,
  model: ModelConfiguration,
  { batchSize, golden, losses, precision }: GoldenFile,
): Promise<GoldenRow[]> {
  const limits = limitsOf[precision];
  const setup: UpdateSetup = {
    stage,
    model,
    batchSize,
    weights: publishedWeights,
    adam,
    averageDecay: 0,
    probe: true,
  };
  const batch = batchOf(golden);
  const rows: GoldenRow[] = [];
  const lossRow = (name: string, results: Tensors): GoldenRow => ({
    group: `${name} losses`,
    kind: 'relative',
    error: lossError(results, losses[name] ?? missing(`losses of ${name}`)),
    limit: limits.update,
  });
  const gradientRow = (network: TrainedNetwork, results: Tensors): GoldenRow => ({
    group: `${stage}.grad.${network}`,
    kind: 'relative',
    error: Math.max(
      ...learntNames({ [network]: stageNetworks(model)[network] }).map((name) =>
        relativeError(results[`grad.${name}`], golden[`${stage}.grad.${name}`]),
      ),
    ),
    limit: limits.gradient,
  });
  const weightRow = (network: TrainedNetwork, state: Tensors): GoldenRow => ({
    group: `${stage}.after.${network}`,
    kind: 'absolute',
    ...weightError(stage, network, state, golden),
    limit: limits.weights,
  });

  const critic = await createNodeRuntime('cpu', { precision }).compile(criticUpdate(setup));
  let state: Tensors = startingState(stage, model, golden);
  for (const step of [1, 2]) {
    const results = await critic.run({ ...state, ...batch, ...adamFactors(adam, learningRate, step) });
    rows.push(lossRow(`${stage}.critic${step - 1}`, results));
    if (step === 1) rows.push(gradientRow('D', results), gradientRow('localD', results));
    state = { ...state, ...withoutPrefix('next', results) };
  }
  await critic.close();
  rows.push(weightRow('D', state), weightRow('localD', state));

  const results = await run(
    generatorUpdate(setup),
    { ...state, ...batch, ...adamFactors(adam, learningRate, 1) },
    precision,
  );
  rows.push(lossRow(`${stage}.generator`, results));
  for (const name of ['fake', 'local_fake', 'bottleneck', 'rec']) {
    const error = relativeError(results[name], golden[`${stage}.${name}`]);
    rows.push({ group: `${stage}.${name}`, kind: 'relative', error, limit: limits.update });
  }
  rows.push(gradientRow('G', results), weightRow('G', { ...state, ...withoutPrefix('next', results) }));
  return rows;
}

function startingState(stage: Stage, model: ModelConfiguration, golden: Tensors): Tensors {
  const networks = Object.fromEntries(
    Object.entries(golden).filter(([name]) => /^(G|D|localD)\./.test(name)),
  );
  const learnt = learntNames(stageNetworks(model));
  const moments = zeroMoments(Object.fromEntries(learnt.map((name) => [name, golden[name]!])));
  if (stage === 'teacher') return { ...networks, ...moments };
  return {
    ...networks,
    ...moments,
    ...withPrefix('T', withoutPrefix('G', golden)),
    ...withPrefix('G', withoutPrefix('S', golden)),
  };
}

function batchOf(golden: Tensors): Tensors {
  return {
    image: golden['image']!,
    mask: golden['mask']!,
    source: golden['source_onehot']!,
    target: golden['target_onehot']!,
    alpha: golden['alpha']!,
    beta: golden['beta']!,
  };
}

async function run(graph: Graph, inputs: Tensors, precision: Precision): Promise<Record<string, Tensor>> {
  const program = await createNodeRuntime('cpu', { precision }).compile(graph);
  const results = await program.run(inputs);
  await program.close();
  return results;
}

function lossError(results: Tensors, expected: Readonly<Record<string, number>>): number {
  return Math.max(
    ...Object.entries(expected).map(([term, value]) => {
      const got = results[`${termPrefix}${term}`] ?? missing(`the loss term ${term} in our program`);
      return Math.abs(numberIn(got) - value) / Math.max(Math.abs(value), smallestLoss);
    }),
  );
}

/**
 * Largest difference of a network's weights and buffers after its updates. Adam's first step is the sign of the
 * gradient: elements whose gradient is below what the gradient's own limit can tell from zero are left out.
 */
function weightError(
  stage: Stage,
  network: TrainedNetwork,
  state: Tensors,
  golden: Tensors,
): { error: number; leftOut: number } {
  const prefix = `${stage}.after.`;
  let error = 0;
  let leftOut = 0;
  for (const [key, expected] of Object.entries(golden)) {
    if (!key.startsWith(`${prefix}${network}.`)) continue;
    const name = key.slice(prefix.length);
    const got = state[name] ?? missing(`the tensor ${name} in our program`);
    const slope = golden[`${stage}.grad.${name}`]?.data;
    const unsure = limitsOf.float64.gradient * (slope === undefined ? 0 : largest(slope));
    for (let i = 0; i < expected.data.length; i++) {
      const difference = Math.abs(got.data[i]! - expected.data[i]!);
      if (slope !== undefined && Math.abs(slope[i]!) < unsure && difference > limitsOf.float64.weights)
        leftOut++;
      else if (!(difference <= error)) error = difference;
    }
  }
  return { error, leftOut };
}

/** Largest difference over the largest expected value; infinite where a tensor is missing or has another size. */
function relativeError(got: Tensor | undefined, expected: Tensor | undefined): number {
  if (got?.data.length !== expected?.data.length || got === undefined || expected === undefined)
    return Number.POSITIVE_INFINITY;
  let error = 0;
  for (let i = 0; i < got.data.length; i++) {
    const difference = Math.abs(got.data[i]! - expected.data[i]!);
    if (!(difference <= error)) error = difference;
  }
  return error / Math.max(largest(expected.data), Number.MIN_VALUE);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function missing(what: string): never {
  return fail('bad-file', { where: 'golden file', expected: what, got: 'none' });
}

function readDescription(bytes: Uint8Array, where: string): z.infer<typeof goldenSchema> {
  try {
    return goldenSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    return fail(
      'bad-file',
      {
        where,
        expected: 'the description of a golden file',
        got: cause instanceof Error ? cause.message : 'something else',
      },
      { cause },
    );
  }
}
