import { fail } from '../base/errors.js';
import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { add, detach, input } from '../engine/graph/operations.js';
import {
  type CriticResult,
  type CriticShape,
  criticShapeSpecs,
  scoreSlicesByShape,
} from '../model/critic.js';
import { brainIn } from '../model/generator.js';
import {
  type SegmenterConfiguration,
  segmenterSpecs,
  segmentLogits,
  sigmoid,
} from '../model/segmenter-network.js';
import { cutTumour } from '../model/tumour-image.js';
import type { ParameterSpec } from '../nn/parameters.js';
import { adamNodes, adamUpdate } from '../training/adam.js';
import { buildLosses, type Loss, lossColumns } from '../training/loss-table.js';
import { adversarial, gradientPenalty, meanAbsoluteError, realness } from '../training/losses.js';
import { nextAverage } from '../training/moving-average.js';
import { learntParameters, type NetworkNodes, networkNodes } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import { crossingLoss, meanSquaredError, tracedModality } from './rival-losses.js';
import { type TarganResult, targanSpecs, translateTargan } from './targan-generator.js';
import { type BatchNodes, batchNodes } from './translation-batches.js';
import {
  criticAndGenerator,
  type TranslatorMethod,
  type TranslatorSetup,
  translatorMethod,
  translatorSetup,
} from './translator.js';

/** What an update of a critic has computed. */
interface CriticPass {
  readonly real: Node;
  readonly fake: Node;
  readonly source: Node;
  /** The penalty's mixing factor [N,1,1,1]. */
  readonly factor: Node;
  readonly scores: (slices: Node) => CriticResult;
  readonly onReal: CriticResult;
  readonly onFake: CriticResult;
}

/** What an update of the generator has computed. */
interface Pass extends BatchNodes {
  /** The targets of the slices, cut out [N,1,S,S]. */
  readonly cut: Node;
  readonly translated: TarganResult;
  /** Translated back. */
  readonly back: TarganResult;
  /** Of the translated slices and targets. */
  readonly scores: CriticResult;
  readonly localScores: CriticResult;
  /** What the shape controller finds in slices, as probabilities [N,1,S,S]. */
  readonly shapeIn: (slices: Node) => Node;
}

/** Each critic's losses. @source Chen, Wei, Li: TarGAN, MICCAI 2021; so the generator's. */
const criticLosses: readonly Loss<CriticPass>[] = [
  { name: 'real', weight: 1, build: ({ onReal }) => adversarial(onReal.source) },
  { name: 'fake', weight: 1, build: ({ onFake }) => realness(onFake.source) },
  { name: 'cls', weight: 1, build: ({ onReal, source }) => tracedModality(onReal.modality, source, 'real') },
  {
    name: 'trace',
    weight: 0.01,
    build: ({ onFake, source }) => tracedModality(onFake.modality, source, 'translated'),
  },
  {
    name: 'gp',
    weight: 10,
    build: ({ scores, real, fake, factor }) => gradientPenalty((x) => scores(x).source, real, fake, factor),
  },
];

const generatorLosses: readonly Loss<Pass>[] = [
  { name: 'fake', weight: 1, build: ({ scores }) => adversarial(scores.source) },
  { name: 'cls', weight: 1, build: ({ scores, target }) => tracedModality(scores.modality, target, 'real') },
  { name: 'local_fake', weight: 1, build: ({ localScores }) => adversarial(localScores.source) },
  {
    name: 'local_cls',
    weight: 1,
    build: ({ localScores, target }) => tracedModality(localScores.modality, target, 'real'),
  },
  {
    name: 'rec',
    weight: 1,
    title: 'cycle (rec)',
    build: ({ image, back }) => meanAbsoluteError(image, back.image),
  },
  {
    name: 'local_rec',
    weight: 1,
    title: "target's cycle (local_rec)",
    build: ({ cut, back }) => meanAbsoluteError(cut, back.target),
  },
  {
    name: 'cross',
    weight: 50,
    title: 'crossing (cross)',
    build: ({ translated, mask }) => crossingLoss(translated.image, translated.target, mask),
  },
  {
    name: 'shape',
    weight: 1,
    title: 'shape (shape)',
    build: ({ shapeIn, translated, image, mask }) =>
      add(
        meanSquaredError(shapeIn(translated.image), brainIn(image)),
        meanSquaredError(shapeIn(translated.target), mask),
      ),
  },
];

/** Of the generator's features, those of the shape controller: 16 of 64. */
const shapeShare = 1 / 4;

/**
 * A generator with a branch for the target beside that of the image, a critic of each, and a shape controller, which learns
 * with the generator to find brain and target in its translations.
 *
 * @throws UtadError bad-configuration when the features cannot be halved.
 * @source Chen, Wei, Li: TarGAN, MICCAI 2021.
 */
export function targanMethod(configuration: TrainingConfiguration, criticRate: number): TranslatorMethod {
  const model = modelOf(configuration);
  const setup = translatorSetup(configuration, model);
  if (model.baseChannels % 2 !== 0) {
    fail('bad-configuration', {
      where: 'model.baseChannels',
      expected: 'an even number for TarGAN, which keeps half of them as skips',
      got: String(model.baseChannels),
    });
  }
  return translatorMethod(configuration, {
    name: 'targan',
    model,
    networks: networksOf(setup),
    losses: lossColumns('generator', generatorLosses),
    updates: () =>
      criticAndGenerator(
        configuration,
        () => criticUpdate(setup),
        () => generatorUpdate(setup),
        criticRate,
      ),
    inference: (batchSize) => {
      const { image, target } = batchNodes({ model, batchSize });
      const { G } = networkNodes(networksOf(setup));
      return createGraph('targan translation', {
        // The target branch is not run.
        translated: translateTargan(G.parameters, image, image, target).image,
      });
    },
  });
}

function criticUpdate(setup: TranslatorSetup): Graph {
  const { batchSize, adam } = setup;
  const { image, mask, source, target } = batchNodes(setup);
  const { G, D, localD } = networkNodes(networksOf(setup));
  const cut = cutTumour(image, mask);
  const translated = translateTargan(G.parameters, image, cut, target);
  const lossesOf = ({ parameters }: NetworkNodes, real: Node, fake: Node, factor: string) => {
    const scores = (slices: Node): CriticResult => scoreSlicesByShape(criticOf(setup), parameters, slices);
    return buildLosses('critic', criticLosses, {
      real,
      fake,
      source,
      factor: input(factor, [batchSize, 1, 1, 1]),
      scores,
      onReal: scores(real),
      onFake: scores(fake),
    });
  };
  const whole = lossesOf(D, image, detach(translated.image), 'alpha');
  const local = lossesOf(localD, cut, detach(translated.target), 'beta');
  const factors = adamNodes();
  const [ofWhole, ofLocal] = [learntParameters({ D }), learntParameters({ localD })];
  return createGraph('targan critic update', {
    ...adamUpdate(whole.total, { label: 'D', parameters: ofWhole, adam, factors }),
    ...adamUpdate(local.total, { label: 'localD', parameters: ofLocal, adam, factors }),
    ...termOutputs({ ...whole.terms, total: whole.total }),
    ...termOutputs({ ...local.terms, total: local.total }, 'local_'),
  });
}

function generatorUpdate(setup: TranslatorSetup): Graph {
  const { adam, averageDecay } = setup;
  const batch = batchNodes(setup);
  const { G, D, localD, shape } = networkNodes(networksOf(setup));
  const cut = cutTumour(batch.image, batch.mask);
  const translated = translateTargan(G.parameters, batch.image, cut, batch.target);
  const critic = criticOf(setup);
  const { terms, total } = buildLosses('generator', generatorLosses, {
    ...batch,
    cut,
    translated,
    // The cycle is given the translated target, not one that is cut out of the translated slice.
    back: translateTargan(G.parameters, translated.image, translated.target, batch.source),
    scores: scoreSlicesByShape(critic, D.parameters, translated.image),
    localScores: scoreSlicesByShape(critic, localD.parameters, translated.target),
    shapeIn: (slices) => sigmoid(segmentLogits(shapeOf(setup), shape.parameters, slices)),
  });
  const parameters = learntParameters({ G, shape });
  const next = adamUpdate(total, { label: 'G, shape', parameters, adam, factors: adamNodes() });
  return createGraph('targan generator update', {
    ...next,
    ...nextAverage(next, averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

/** As UTAD-Net's, with one slope throughout and a class head that also tells what a slice was made from. */
function criticOf({ model }: TranslatorSetup): CriticShape {
  const { sliceSide, criticBaseChannels: criticFeatures, criticLayers, modalities } = model;
  return {
    sliceSide,
    criticBaseChannels: criticFeatures,
    criticLayers,
    classes: 2 * modalities.length,
    firstSlope: 0.01,
  };
}

/** The shape controller is a segmenter of one region: the brain of a slice, the target of a target. */
function shapeOf({ model }: TranslatorSetup): SegmenterConfiguration {
  const { sliceSide, levels, baseChannels: features } = model;
  const width = Math.max(1, Math.round(features * shapeShare));
  return { modalities: ['translated'], regions: ['shape'], sliceSide, levels, baseChannels: width };
}

function networksOf(setup: TranslatorSetup) {
  const critic = criticShapeSpecs(criticOf(setup));
  return {
    G: targanSpecs(setup.model),
    D: critic,
    localD: critic,
    shape: segmenterSpecs(shapeOf(setup)).map(evenStart),
  };
}

/** A segmenter starts with regions that are rare; a brain is not. */
function evenStart(spec: ParameterSpec): ParameterSpec {
  return spec.name === 'score.bias' ? { ...spec, initialiser: { kind: 'constant', value: 0 } } : spec;
}
