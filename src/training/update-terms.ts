import type { Node } from '../engine/graph.js';
import { input } from '../engine/operations.js';
import { bottleneckChannels } from '../model/configuration.js';
import { type CriticResult, judge } from '../model/critic.js';
import { brainIn, type GeneratorResult, generate } from '../model/generator.js';
import type { Parameters } from '../nn/parameters.js';
import { adapterInputs, type Distillable, distillationTerms } from './distillation.js';
import {
  adversaryLosses,
  crossEntropy,
  gradientPenalty,
  meanAbsoluteError,
  realPenalty,
  sharedError,
  weightedAbsoluteError,
  weightsOfPixels,
} from './losses.js';
import { networkInputs } from './networks.js';
import { type CriticTerm, type TeacherTerm, type Terms, weightedSum } from './terms.js';
import { type BatchNodes, maskShare, type SeenNodes } from './update-inputs.js';
import type { UpdateSetup } from './update-setup.js';

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

/** What both stages want of a generator. */
export function generatorTerms(
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

/** What is known of the truth, given beside the batch; see `assembleBatch`. */
export function truthTerm(setup: UpdateSetup, batch: BatchNodes, made: Node): Node {
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
export function identityTerm(
  setup: UpdateSetup,
  batch: BatchNodes,
  generator: Parameters,
  seen: SeenNodes,
): Node {
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
export function taughtTerms(
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
export function adapterOf({ model, teacher = model }: UpdateSetup): Parameters {
  return adapterInputs(bottleneckChannels(model), bottleneckChannels(teacher));
}
