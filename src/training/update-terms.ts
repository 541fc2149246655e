import type { Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { bottleneckChannels } from '../model/configuration.js';
import { type CriticResult, judge } from '../model/critic.js';
import { brainIn, type GeneratorResult, generate } from '../model/generator.js';
import { itselfAround } from '../model/neighbours.js';
import { cutTumour } from '../model/tumour-image.js';
import type { Parameters } from '../nn/parameters.js';
import { adapterInputs, type Distillable, distillationTerms } from './distillation.js';
import {
  adversarial,
  crossEntropy,
  gradientPenalty,
  meanAbsoluteError,
  realness,
  sharedError,
  weightedAbsoluteError,
  weightsOfPixels,
} from './losses.js';
import { networkInputs } from './networks.js';
import {
  type CriticName,
  type CriticTerm,
  criticsWanted,
  type Terms,
  type VerdictTerm,
  weightedSum,
} from './terms.js';
import type { BatchNodes } from './update-inputs.js';
import type { UpdateSetup } from './update-setup.js';

/** What a critic learns from. */
interface CriticBatch {
  /** [N,1,S,S] */
  readonly real: Node;
  /** [N,1,S,S]; no gradient goes back through it */
  readonly fake: Node;
  /** one-hot [N,M] */
  readonly source: Node;
  /** the penalty's mixing factor, [N,1,1,1] */
  readonly factor: Node;
  /** see `BatchNodes.maskShare` */
  readonly share?: Node | undefined;
}

/**
 * What a critic wants of real slices and of made ones. Without a weight there is no penalty, nor its second derivative.
 */
export function criticTerms(
  { model, weights }: Pick<UpdateSetup, 'model' | 'weights'>,
  critic: Parameters,
  { real, fake, source, factor, share }: CriticBatch,
): Terms<Exclude<CriticTerm, 'gp'>, Node> & Partial<Terms<'gp', Node>> {
  const onReal = judge(model, critic, real);
  const penalty = (): Node =>
    gradientPenalty((x) => judge(model, critic, x).source, real, fake, factor, share);
  return {
    real: adversarial(onReal.source, share),
    fake: realness(judge(model, critic, fake).source, share),
    cls: crossEntropy(onReal.modality, source, share),
    ...(weights.critic.gp === 0 ? {} : { gp: penalty() }),
  };
}

/** What the critics say of a translation, those that are wanted. */
export function verdictTerms(
  setup: UpdateSetup,
  { target, maskShare }: BatchNodes,
  networks: Readonly<Record<CriticName, Parameters>>,
  made: GeneratorResult,
): Partial<Terms<VerdictTerm, Node>> {
  const { model, weights } = setup;
  const verdict = (name: CriticName): CriticResult =>
    judge(model, networks[name], name === 'D' ? made.image : made.tumour);
  const terms: Readonly<Record<CriticName, () => Partial<Terms<VerdictTerm, Node>>>> = {
    D: () => {
      const { source, modality } = verdict('D');
      return { fake: adversarial(source), cls: crossEntropy(modality, target) };
    },
    localD: () => {
      const { source, modality } = verdict('localD');
      return {
        local_fake: adversarial(source, maskShare),
        local_cls: crossEntropy(modality, target, maskShare),
      };
    },
  };
  return Object.assign({}, ...criticsWanted(weights).map((name) => terms[name]()));
}

/** A translation that is translated back. */
interface Cycle {
  readonly terms: Terms<'rec' | 'local', Node>;
  /** [N,1,S,S] */
  readonly image: Node;
  /** The generator's running statistics after both passes. */
  readonly buffers: Parameters;
}

/**
 * What is lost on the way to the target and back, and how far the tumour is from that of the whole translation.
 *
 * @param tumour [N,1,S,S] as of `cutTumour`
 */
export function cycleOf(
  setup: UpdateSetup,
  batch: BatchNodes,
  tumour: Node,
  generator: Parameters,
  made: GeneratorResult,
): Cycle {
  const { model, stage } = setup;
  const cut = cutTumour(made.image, batch.mask);
  const back = generate(
    model,
    { ...generator, ...made.buffers },
    // The translation's own background is not exactly −1: where the brain is, its source says.
    {
      image: made.image,
      // Nobody has translated these.
      neighbours: itselfAround(model, made.image),
      tumour: stage === 'teacher' ? cut : made.image,
      source: batch.target,
      target: batch.source,
      brain: brainIn(batch.image),
    },
    'training',
  );
  const consistency = meanAbsoluteError(made.tumour, cut, batch.maskShare);
  const localCycle = meanAbsoluteError(tumour, back.tumour, batch.maskShare);
  return {
    terms: {
      rec: wholeError(setup, batch, batch.image, back.image),
      local: weightedSum({ consistency, localCycle }, { consistency: 1, localCycle: 1 }),
    },
    image: back.image,
    buffers: back.buffers,
  };
}

/** What is known of the truth, given beside the batch; see `assembleBatch`. */
export function truthTerm(setup: UpdateSetup, batch: BatchNodes, made: Node): Node {
  const { model, batchSize } = setup;
  const truth = input('truth', [batchSize, 1, model.sliceSide, model.sliceSide]);
  const share = input('truthShare', [batchSize, 1, 1, 1]);
  return sharedError(setup.truthError ?? 'squared', made, truth, share, pixelsOf(setup, batch));
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
