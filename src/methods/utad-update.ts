import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { detach, input, multiply, reshape, shift } from '../engine/graph/operations.js';
import { brainOfAny } from '../model/any-source.js';
import { itselfAround } from '../model/context-input.js';
import { type CriticResult, scoreSlices } from '../model/critic.js';
import {
  brainIn,
  type GeneratorResult,
  generate,
  generatorSpecs,
  servesTumourAlone,
} from '../model/generator.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import { bottleneckChannels } from '../model/network-configuration.js';
import { cutTumour } from '../model/tumour-image.js';
import type { Parameters } from '../nn/parameters.js';
import { type AdamSettings, adamNodes, adamUpdate } from '../training/adam.js';
import { buildLosses } from '../training/loss-table.js';
import { type PixelWeights, type TruthError, weightsOfPixels } from '../training/losses.js';
import { nextAverage } from '../training/moving-average.js';
import { learntParameters, type NetworkNodes, networkNodes, parameterInputs } from '../training/networks.js';
import { nextPrefix, termOutputs } from '../training/program-outputs.js';
import {
  type CriticName,
  criticLossesOf,
  criticsWanted,
  type GeneratorPass,
  generatorLossesOf,
  type LossWeights,
  needsOf,
  requireTerm,
  type Stage,
} from '../training/utad-losses.js';
import { adapterInputs, adaptFeatures } from './distillation.js';
import { type BatchNodes, batchNodes } from './translation-batches.js';
import { stageNetworks } from './utad-networks.js';

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
  /** Of errors of whole translations; all pixels count alike when left out. */
  readonly pixelWeights?: PixelWeights;
  /** Of the term `truth`; squared when left out. */
  readonly truthError?: TruthError;
  /** Share of the term `truth` that forgives each slice's scale and shift; 0 when left out. */
  readonly scaleShiftInvariance?: number;
  /**
   * Whether there are slices whose mask is not known. Losses of the tumour then take the mean over the slices of a
   * batch that have one, by the input `maskWeight` [N,1,1,1].
   */
  readonly someUnmasked?: boolean;
  /** Also gives gradients (`grad.*`) and generated images (`fake`, …), for checks. */
  readonly probe?: boolean;
}

/**
 * One update of the critics as one program: the generator's pass in training mode, losses, penalties, Adam. A critic of
 * which the generator's weights want nothing is left out; see {@link criticsWanted}.
 *
 * Inputs: the batch (see {@link batchNodes}), the penalties' mixing factors `alpha` and `beta`
 * [N,1,1,1], the networks G, D and localD, the critics' moments and Adam's factors.
 * Outputs: `next.*` for the critics, their moments and the generator's running statistics, `term.*` for the losses.
 */
export function criticUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights, batchSize } = setup;
  const batch = batchNodes(setup);
  const networks = networkNodes(stageNetworks(model));
  const tumour = cutTumour(batch.image, batch.mask);
  const translated = translate(setup, networks.G.parameters, batch, tumour);
  const compared = {
    D: { real: batch.image, fake: translated.image, factor: 'alpha', label: '', maskWeight: undefined },
    localD: {
      real: tumour,
      fake: translated.tumour,
      factor: 'beta',
      label: 'local_',
      maskWeight: batch.maskWeight,
    },
  };

  const factors = adamNodes();
  const learnt = criticsWanted(weights).map((name) => {
    const { real, fake, factor, label, maskWeight } = compared[name];
    const scores = (slices: Node): CriticResult => scoreSlices(model, networks[name].parameters, slices);
    const { terms, total } = buildLosses('losses.critic', criticLossesOf(weights), {
      real,
      fake: detach(fake),
      source: batch.source,
      factor: input(factor, [batchSize, 1, 1, 1]),
      maskWeight,
      scores,
      onReal: scores(real),
    });
    return {
      ...adam(setup, { [name]: networks[name] }, total, factors),
      ...termOutputs({ ...terms, total }, label),
    };
  });
  return createGraph(`${stage} critic update`, {
    ...Object.assign({}, ...learnt),
    ...nextBuffers(translated.buffers),
  });
}

/**
 * One update of the generator as one program: pass, cycle pass, losses, gradient, Adam. A student's program also
 * runs its frozen teacher T, which sees the true mask. Losses without a weight are left out with all that only they
 * need: the cycle's pass, critics, the teacher.
 *
 * Inputs and outputs as in {@link criticUpdate}, without mixing factors, with moments of G, and
 * `averageG` before and after where a moving average is kept, `truth` and `sampleWeight` where they are learnt from.
 *
 * @throws UtadError bad-configuration when no loss of this stage has a weight.
 */
export function generatorUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights, averageDecay, probe } = setup;
  requireTerm(weights, stage);
  const needs = needsOf(weights, stage);
  const batch = batchNodes(setup);
  const networks = networkNodes(stageNetworks(model));
  const tumour = cutTumour(batch.image, batch.mask);

  // 1. Passes: there, and what the losses need of the way back and of the teacher
  const translated = translate(setup, networks.G.parameters, batch, tumour);
  const translatedCut = cutTumour(translated.image, batch.mask);
  const cycle = needs.has('cycle')
    ? translateBack(setup, networks.G.parameters, batch, translated, translatedCut)
    : null;
  const teacher = needs.has('teacher') ? teacherPass(setup, batch, tumour, translated) : null;

  // 2. Losses
  const truth = truthOf(setup);
  const { terms, total } = buildLosses('losses.generator', generatorLossesOf(weights, stage), {
    image: batch.image,
    target: batch.target,
    tumour,
    maskWeight: batch.maskWeight,
    translated,
    translatedCut,
    truth: () => truth,
    truthError: setup.truthError ?? 'squared',
    scaleShiftInvariance: setup.scaleShiftInvariance ?? 0,
    inside: () => insideOf(batch, truth.image),
    pixelWeights: () => pixelWeightsOf(setup, batch),
    scores: criticScores(setup, networks, translated),
    cycle: () => cycle!,
    teacher: () => teacher!,
  });

  // 3. Adam. Without a loss of the translated tumour, its decoder stays as it is.
  const G = needs.has('tumourDecoder') ? networks.G : withoutTumourDecoder(networks.G);
  const adapter = needs.has('adapter') && teacher !== null ? teacher.adapter : {};
  const next = {
    ...adam(setup, { G }, total, adamNodes(), adapter),
    ...nextBuffers((cycle ?? translated).buffers),
  };
  return createGraph(`${stage} generator update`, {
    ...next,
    ...nextAverage(next, averageDecay),
    ...termOutputs({ ...terms, total }),
    ...(probe
      ? {
          fake: translated.image,
          local_fake: translated.tumour,
          bottleneck: translated.bottleneck,
          ...(cycle ? { rec: cycle.image } : {}),
        }
      : {}),
  });
}

/** The pass to the target. A student is given the slice in the place of the tumour. */
function translate(
  { stage, model }: UpdateSetup,
  generator: Parameters,
  { mask, maskWeight: _, ...batch }: BatchNodes,
  tumour: Node,
): GeneratorResult {
  const given = { ...batch, tumour: stage === 'student' ? batch.image : tumour };
  return generate(model, generator, { ...given, ...(model.tumourMask ? { mask } : {}) }, 'training');
}

/** The pass from the translation back to the source. */
function translateBack(
  { model, stage }: UpdateSetup,
  generator: Parameters,
  batch: BatchNodes,
  translated: GeneratorResult,
  cut: Node,
): GeneratorResult {
  return generate(
    model,
    { ...generator, ...translated.buffers },
    {
      image: translated.image,
      // The slices around have no translation.
      contextSlices: itselfAround(model, translated.image),
      tumour: stage === 'teacher' ? cut : translated.image,
      source: batch.target,
      target: batch.source,
      ...(model.network === 'any-source'
        ? { sources: alone(translated.image, batch.target), present: batch.target }
        : {}),
      ...(model.tumourMask ? { mask: batch.mask } : {}),
      // The translation's own background is not exactly −1: its source says where the brain is.
      brain: brainIn(batch.image),
    },
    'training',
  );
}

/** What the frozen teacher gives, in evaluation mode, and the student's bottleneck at the teacher's width. */
function teacherPass(
  { model, teacher: teacherModel = model }: UpdateSetup,
  { mask, maskWeight: _, ...batch }: BatchNodes,
  tumour: Node,
  student: GeneratorResult,
) {
  const given = { ...batch, tumour, ...(teacherModel.tumourMask ? { mask } : {}) };
  const network = parameterInputs('T', generatorSpecs(teacherModel));
  const result = generate(teacherModel, network, given, 'evaluation');
  const adapter = adapterInputs(bottleneckChannels(model), bottleneckChannels(teacherModel));
  return {
    image: result.image,
    bottleneck: result.bottleneck,
    adapter,
    student: adaptFeatures(adapter, student.bottleneck),
  };
}

function criticScores(
  { model }: UpdateSetup,
  networks: Readonly<Record<CriticName, NetworkNodes>>,
  { image, tumour }: GeneratorResult,
): GeneratorPass['scores'] {
  const known = new Map<CriticName, CriticResult>();
  return (name) => {
    const result =
      known.get(name) ?? scoreSlices(model, networks[name].parameters, name === 'D' ? image : tumour);
    known.set(name, result);
    return result;
  };
}

/** What is known of the truth, given beside the batch; see `assembleBatch`. */
function truthOf({ model, batchSize }: UpdateSetup): { image: Node; weight: Node } {
  return {
    image: input('truth', [batchSize, 1, model.sliceSide, model.sliceSide]),
    weight: input('sampleWeight', [batchSize, 1, 1, 1]),
  };
}

function pixelWeightsOf({ pixelWeights }: UpdateSetup, { image, mask }: BatchNodes): Node | undefined {
  if (pixelWeights === undefined || (pixelWeights.brain === 1 && pixelWeights.tumour === 1)) return undefined;
  return weightsOfPixels(brainIn(image), mask, pixelWeights);
}

/** A network of any sources knows its background: only where sources and truth have brain there is something to learn. */
function insideOf({ sources }: BatchNodes, truth: Node): Node | undefined {
  return sources && multiply(brainOfAny(sources), brainIn(truth));
}

/** Slices [N,1,S,S] of the modality [N,M] as the only ones that are given: [N,M,S,S]. */
function alone(slices: Node, modality: Node): Node {
  const [batch, count] = modality.shape as [number, number];
  return shift(multiply(shift(slices, 1), reshape(modality, [batch, count, 1, 1])), -1);
}

/** Adam for everything that networks, and an adapter, learn from this loss. */
function adam(
  { adam: settings, probe = false }: UpdateSetup,
  networks: Readonly<Record<string, NetworkNodes>>,
  loss: Node,
  factors: ReturnType<typeof adamNodes>,
  adapter: Parameters = {},
): Record<string, Node> {
  return adamUpdate(loss, {
    label: Object.keys(networks).join(', '),
    parameters: { ...learntParameters(networks), ...adapter },
    adam: settings,
    factors,
    probe,
  });
}

function withoutTumourDecoder({ specs, parameters }: NetworkNodes): NetworkNodes {
  return { specs: specs.filter(({ name }) => !servesTumourAlone(name)), parameters };
}

/** The generator's running statistics after a pass. */
function nextBuffers(buffers: Parameters): Record<string, Node> {
  return Object.fromEntries(Object.entries(buffers).map(([name, node]) => [`${nextPrefix}G.${name}`, node]));
}
