import { createGraph, type Graph, type Node } from '../engine/graph.js';
import { add, clamp, detach, input, multiply, scale, shift } from '../engine/operations.js';
import { bottleneckChannels, type ModelConfiguration } from '../model/configuration.js';
import { type CriticResult, judge, type ReadyCritic, readyCritic } from '../model/critic.js';
import { brainIn, type GeneratorInput, type GeneratorResult, generate } from '../model/generator.js';
import { itselfAround, neighbourInput } from '../model/neighbours.js';
import type { Parameters } from '../nn/parameters.js';
import { type AdamNodes, type AdamSettings, adamNodes } from './adam.js';
import { adapterInputs, type Distillable, distillationTerms } from './distillation.js';
import { learn } from './learn.js';
import {
  type Adversary,
  adversaryLosses,
  crossEntropy,
  gradientPenalty,
  meanAbsoluteError,
  type PixelWeights,
  realPenalty,
  sharedError,
  type TruthError,
  weightedAbsoluteError,
  weightsOfPixels,
} from './losses.js';
import { learntNames, type NetworkName, networkInputs } from './networks.js';
import { nextPrefix, termOutputs, termPrefix } from './program-outputs.js';
import {
  type CriticTerm,
  type ExtraTerm,
  type LossWeights,
  type StudentTerm,
  type TeacherTerm,
  type Terms,
  weightedSum,
} from './terms.js';

/** The two stages of the method. */
export type Stage = 'teacher' | 'student';

/** What fixes the two update programs of a stage. */
export interface UpdateSetup {
  readonly stage: Stage;
  readonly model: ModelConfiguration;
  /** The frozen teacher of a student; a network like the student's when left out. */
  readonly teacher?: ModelConfiguration;
  readonly batchSize: number;
  readonly weights: LossWeights;
  readonly adam: AdamSettings;
  /** Share of the generator's moving average that stays at each update; 0 for no average. */
  readonly averageDecay: number;
  /** The published one when left out. */
  readonly adversary?: Adversary;
  /** Of errors of whole translations; all pixels count alike when left out. */
  readonly pixelWeights?: PixelWeights;
  /** Of the term `truth`; squared when left out. */
  readonly truthError?: TruthError;
  /**
   * Whether there are slices whose mask is not known. Losses of the tumour then take the mean over the slices of a
   * batch that have one, by the input `maskShare` [N,1,1,1].
   */
  readonly someUnmasked?: boolean;
  /**
   * Whether the generator is given `seen` [N,1,S,S], slices as other scanners would have made them (and `seenNeighbours`), in the place of
   * `image`, which the losses and critics keep to.
   */
  readonly disturbed?: boolean;
  /** Also gives gradients (`grad.*`) and generated images (`fake`, …), for checks. */
  readonly probe?: boolean;
}

/** A batch as graph inputs. */
export interface BatchNodes {
  /** [N,1,S,S] in [−1, 1] */
  readonly image: Node;
  /** [N,2k,S,S] in [−1, 1], as of the generator's input; null where the network is given none */
  readonly neighbours: Node | null;
  /** [N,1,S,S], 1 in the whole tumour */
  readonly mask: Node;
  /** one-hot [N,M] */
  readonly source: Node;
  /** one-hot [N,M] */
  readonly target: Node;
}

/**
 * One update of both critics as one program: the generator's pass in training mode, losses, penalties, Adam.
 *
 * Inputs: the batch (see {@link batchNodes}), the penalties' mixing factors `alpha` and `beta`
 * [N,1,1,1], the networks G, D and localD, the critics' moments and Adam's factors.
 * Outputs: `next.*` for the critics (with what their normalisation remembers), their moments and the generator's running
 * statistics, `term.*` for the losses.
 */
export function criticUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights } = setup;
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const made = generate(model, networks.G, { ...batch, ...seenIn(setup, batch, tumour) }, 'training');
  const [D, localD] = [networks.D, networks.localD].map((critic) =>
    readyCritic(model, critic, 'training'),
  ) as [ReadyCritic, ReadyCritic];

  const factor = (name: string): Node => input(name, [setup.batchSize, 1, 1, 1]);
  const whole = criticTerms(
    setup,
    D.parameters,
    batch.image,
    detach(made.image),
    batch.source,
    factor('alpha'),
  );
  const local = criticTerms(
    setup,
    localD.parameters,
    tumour,
    detach(made.tumour),
    batch.source,
    factor('beta'),
    maskShare(setup),
  );
  const total = weightedSum(whole, weights.critic);
  const localTotal = weightedSum(local, weights.critic);

  const adam = adamNodes();
  return createGraph(`${stage} critic update`, {
    ...learnNetworks(setup, { D: networks.D }, total, adam),
    ...learnNetworks(setup, { localD: networks.localD }, localTotal, adam),
    ...nextBuffers('D', D.buffers),
    ...nextBuffers('localD', localD.buffers),
    ...nextBuffers('G', made.buffers),
    ...termOutputs(whole),
    ...termOutputs(local, 'local_'),
    [`${termPrefix}total`]: total,
    [`${termPrefix}local_total`]: localTotal,
  });
}

/**
 * One update of the generator as one program: pass, cycle pass, losses, gradient, Adam. A student's program also
 * runs its frozen teacher T, which sees the true mask.
 *
 * Inputs and outputs as in {@link criticUpdate}, without mixing factors, with moments of G, and
 * `averageG` before and after where a moving average is kept, `truth` and `truthShare` where they are learnt from.
 */
export function generatorUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights } = setup;
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const seen = seenIn(setup, batch, tumour);
  const seenBy = (image: Node, cut: Node): Node => (stage === 'teacher' ? cut : image);

  const made = generate(model, networks.G, { ...batch, ...seen }, 'training');
  const cut = cutTumour(made.image, batch.mask);
  const back = generate(
    model,
    { ...networks.G, ...made.buffers },
    // The translation's own background is not exactly −1: where the brain is, its source says.
    {
      image: made.image,
      // Nobody has translated these.
      neighbours: itselfAround(model, made.image),
      tumour: seenBy(made.image, cut),
      source: batch.target,
      target: batch.source,
      brain: brainIn(batch.image),
    },
    'training',
  );
  const judged = (critic: Parameters, image: Node): CriticResult =>
    judge(model, readyCritic(model, critic, 'evaluation').parameters, image);
  const verdict = judged(networks.D, made.image);
  const localVerdict = judged(networks.localD, made.tumour);

  const teacherTerms = generatorTerms(setup, batch, tumour, made, cut, back, verdict, localVerdict);
  // A student that is taught nothing has no use for its teacher.
  const isTaught = stage === 'student' && weights.generator.sup + weights.generator.feature > 0;
  const adapter = isTaught ? adapterOf(setup) : {};
  const terms: Terms<TeacherTerm, Node> & Partial<Terms<StudentTerm | ExtraTerm, Node>> = {
    ...teacherTerms,
    ...(weights.generator.truth === 0 ? {} : { truth: truthTerm(setup, batch, made.image) }),
    ...(weights.generator.identity === 0 ? {} : { identity: identityTerm(setup, batch, networks.G, seen) }),
    ...(isTaught ? taughtTerms(setup, batch, tumour, made, adapter) : {}),
  };
  const total = weightedSum(terms, weights.generator);

  const next = {
    ...learnNetworks(setup, { G: networks.G }, total, adamNodes(), adapter),
    ...nextBuffers('G', back.buffers),
  };
  return createGraph(`${stage} generator update`, {
    ...next,
    ...nextAverage(next, setup.averageDecay),
    ...termOutputs(terms),
    [`${termPrefix}total`]: total,
    ...(setup.probe
      ? { fake: made.image, local_fake: made.tumour, bottleneck: made.bottleneck, rec: back.image }
      : {}),
  });
}

/** What the generator is given of a batch: slices and tumour images [N,1,S,S], or slices twice for a student. */
type SeenNodes = Pick<GeneratorInput, 'image' | 'tumour' | 'neighbours'>;

function seenIn({ stage, disturbed }: UpdateSetup, batch: BatchNodes, tumour: Node): SeenNodes {
  const image = disturbed ? input('seen', batch.image.shape) : batch.image;
  const neighbours =
    disturbed && batch.neighbours ? input('seenNeighbours', batch.neighbours.shape) : batch.neighbours;
  if (stage === 'student') return { image, neighbours, tumour: image };
  return { image, neighbours, tumour: disturbed ? cutTumour(image, batch.mask) : tumour };
}

/** norm(mask · denorm(image)): the tumour in its slice, background −1. All [N,1,S,S]. */
export function cutTumour(image: Node, mask: Node): Node {
  const intensity = clamp(scale(shift(image, 1), 0.5), 0, 1);
  return clamp(shift(scale(multiply(mask, intensity), 2), -1), -1, 1);
}

/**
 * What a critic wants of real slices and of made ones. Without a weight there is no penalty, nor its second derivative.
 *
 * @param critic of a `readyCritic`
 */
export function criticTerms(
  { model, weights, adversary = 'wasserstein' }: Pick<UpdateSetup, 'model' | 'weights' | 'adversary'>,
  critic: Parameters,
  real: Node,
  fake: Node,
  source: Node,
  factor: Node,
  share?: Node,
): Terms<Exclude<CriticTerm, 'gp'>, Node> & Partial<Terms<'gp', Node>> {
  const onReal = judge(model, critic, real);
  const penalty = (): Node =>
    adversary === 'logistic'
      ? realPenalty(onReal.source, real, share)
      : gradientPenalty((x) => judge(model, critic, x).source, real, fake, factor, share);
  const losses = adversaryLosses[adversary];
  return {
    real: losses.real(onReal.source, share),
    fake: losses.fake(judge(model, critic, fake).source, share),
    cls: crossEntropy(onReal.modality, source, share),
    ...(weights.critic.gp === 0 ? {} : { gp: penalty() }),
  };
}

function generatorTerms(
  setup: UpdateSetup,
  batch: BatchNodes,
  tumour: Node,
  made: GeneratorResult,
  cut: Node,
  back: GeneratorResult,
  verdict: CriticResult,
  localVerdict: CriticResult,
): Terms<TeacherTerm, Node> {
  const { generator: wanted } = adversaryLosses[setup.adversary ?? 'wasserstein'];
  const share = maskShare(setup);
  const consistency = meanAbsoluteError(made.tumour, cut, share);
  const localCycle = meanAbsoluteError(tumour, back.tumour, share);
  return {
    fake: wanted(verdict.source),
    cls: crossEntropy(verdict.modality, batch.target),
    local_fake: wanted(localVerdict.source, share),
    local_cls: crossEntropy(localVerdict.modality, batch.target, share),
    rec: wholeError(setup, batch, batch.image, back.image),
    local: weightedSum({ consistency, localCycle }, { consistency: 1, localCycle: 1 }),
  };
}

/** Which slices the tumour's losses are of; undefined where all of them are. */
function maskShare({ someUnmasked, batchSize }: UpdateSetup): Node | undefined {
  return someUnmasked ? input('maskShare', [batchSize, 1, 1, 1]) : undefined;
}

/** What is known of the truth, given beside the batch; see `assembleBatch`. */
function truthTerm(setup: UpdateSetup, batch: BatchNodes, made: Node): Node {
  const { model, batchSize } = setup;
  const truth = input('truth', [batchSize, 1, model.sliceSide, model.sliceSide]);
  const share = input('truthShare', [batchSize, 1, 1, 1]);
  return sharedError(setup.truthError ?? 'squared', made, truth, share, pixelsOf(setup, batch));
}

/**
 * How far a slice is from itself when it is translated to the modality it has. The pass takes part in learning alone: the
 * running statistics stay those of translations.
 *
 * @source Zhu et al., CycleGAN, ICCV 2017, section 5.2: L_identity, after Taigman et al., ICLR 2017.
 */
function identityTerm(setup: UpdateSetup, batch: BatchNodes, generator: Parameters, seen: SeenNodes): Node {
  const kept = generate(setup.model, generator, { ...batch, ...seen, target: batch.source }, 'training');
  return wholeError(setup, batch, batch.image, kept.image);
}

/** Mean absolute error of whole slices, by the weights of their pixels where there are any. */
function wholeError(setup: UpdateSetup, batch: BatchNodes, a: Node, b: Node): Node {
  const weights = pixelsOf(setup, batch);
  return weights === undefined ? meanAbsoluteError(a, b) : weightedAbsoluteError(a, b, weights);
}

/** How much each pixel counts; undefined where all count alike. */
function pixelsOf({ pixelWeights }: UpdateSetup, { image, mask }: BatchNodes): Node | undefined {
  if (pixelWeights === undefined || (pixelWeights.brain === 1 && pixelWeights.tumour === 1)) return undefined;
  return weightsOfPixels(brainIn(image), mask, pixelWeights);
}

/** What the student should learn from its frozen teacher, which is used in evaluation mode. */
function taughtTerms(
  setup: UpdateSetup,
  batch: BatchNodes,
  tumour: Node,
  made: GeneratorResult,
  adapter: Parameters,
): Terms<'sup' | 'feature', Node> {
  const { model, teacher: teacherModel = model } = setup;
  const teacher = generate(
    teacherModel,
    networkInputs('T', teacherModel),
    { ...batch, tumour },
    'evaluation',
  );
  return distillationTerms(distillable(made), distillable(teacher), adapter, (a, b) =>
    wholeError(setup, batch, a, b),
  );
}

function distillable({ image, bottleneck }: GeneratorResult): Distillable {
  return { output: image, features: bottleneck };
}

/** What brings a narrower student's bottleneck to its teacher's width; empty where the widths are the same. */
function adapterOf({ model, teacher = model }: UpdateSetup): Parameters {
  return adapterInputs(bottleneckChannels(model), bottleneckChannels(teacher));
}

/** The three networks that learn, as graph inputs. */
function trainedNetworks(model: ModelConfiguration): Readonly<Record<'G' | 'D' | 'localD', Parameters>> {
  return {
    G: networkInputs('G', model),
    D: networkInputs('D', model),
    localD: networkInputs('localD', model),
  };
}

/** The inputs `image`, `mask`, `source` and `target` of an update, and `neighbours` of a network that sees them. */
export function batchNodes({ model, batchSize }: Pick<UpdateSetup, 'model' | 'batchSize'>): BatchNodes {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const oneHot = [batchSize, model.modalities.length];
  return {
    image: input('image', slices),
    neighbours: neighbourInput(model, batchSize),
    mask: input('mask', slices),
    source: input('source', oneHot),
    target: input('target', oneHot),
  };
}

/** Adam for everything that networks, and an adapter, learn from this loss. */
function learnNetworks(
  { model, adam: settings, probe }: UpdateSetup,
  networks: Partial<Record<NetworkName, Parameters>>,
  loss: Node,
  factors: AdamNodes,
  adapter: Parameters = {},
): Record<string, Node> {
  const learnt = Object.entries(networks).flatMap(([network, parameters]) =>
    learntNames(network as NetworkName, model).map((name) => [
      name,
      parameters[name.slice(network.length + 1)]!,
    ]),
  );
  return learn(loss, {
    label: Object.keys(networks).join(', '),
    parameters: { ...Object.fromEntries(learnt), ...adapter },
    adam: settings,
    factors,
    probe: probe ?? false,
  });
}

/**
 * Moving average of everything that the update changes in the generator.
 *
 * @source Yazıcı et al., The Unusual Effectiveness of Averaging in GAN Training, ICLR 2019.
 */
export function nextAverage(next: Readonly<Record<string, Node>>, decay: number): Record<string, Node> {
  if (decay === 0) return {};
  const own = Object.entries(next).filter(([name]) => name.startsWith(`${nextPrefix}G.`));
  return Object.fromEntries(
    own.map(([name, node]) => {
      const averaged = `averageG.${name.slice(nextPrefix.length + 'G.'.length)}`;
      const before = input(averaged, node.shape);
      return [`${nextPrefix}${averaged}`, add(scale(before, decay), scale(node, 1 - decay))];
    }),
  );
}

function nextBuffers(network: NetworkName, buffers: Parameters): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(buffers).map(([name, node]) => [`${nextPrefix}${network}.${name}`, node]),
  );
}
