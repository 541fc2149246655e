import { fail } from '../base/errors.js';
import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { add, detach, input } from '../engine/graph/operations.js';
import { type CriticShape, criticShapeSpecs, judgeByShape } from '../model/critic.js';
import { brainIn } from '../model/generator.js';
import {
  type SegmenterConfiguration,
  segmenterSpecs,
  segmentLogits,
  sigmoid,
} from '../model/segmenter-network.js';
import { cutTumour } from '../model/tumour-image.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { adversarial, gradientPenalty, meanAbsoluteError, realness } from '../training/losses.js';
import { parameterInputs } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { weightedSum } from '../training/terms.js';
import { batchNodes } from '../training/update-inputs.js';
import { learnNetworks } from './learn-networks.js';
import type { Rival, RivalSetup } from './rival.js';
import { crossingLoss, meanSquaredError, tracedModality } from './rival-losses.js';
import { targanSpecs, translateTargan } from './targan-generator.js';

/** Weights of the losses. @source Chen, Wei, Li: TarGAN, MICCAI 2021. */
const criticWeights = { real: 1, fake: 1, cls: 1, trace: 0.01, gp: 10 } as const;
const generatorWeights = {
  fake: 1,
  cls: 1,
  local_fake: 1,
  local_cls: 1,
  rec: 1,
  local_rec: 1,
  cross: 50,
  shape: 1,
} as const;

/** Of the generator's features, those of the shape controller: 16 of 64. */
const shapeShare = 1 / 4;

/**
 * A generator with a branch for the target beside that of the image, a critic of each, and a shape controller, which learns
 * with the generator to find brain and target in what it makes.
 *
 * @throws UtadError bad-configuration when the features cannot be halved.
 * @source Chen, Wei, Li: TarGAN, MICCAI 2021.
 */
export function targanRival(setup: RivalSetup): Rival {
  const { model } = setup;
  if (model.features % 2 !== 0) {
    fail('bad-configuration', {
      where: 'features',
      expected: 'an even number for TarGAN, which keeps half of them as skips',
      got: String(model.features),
    });
  }
  const { G, D, localD, shape } = networksOf(setup);
  return {
    name: 'targan',
    networks: { G: G.specs, D: D.specs, localD: localD.specs, shape: shape.specs },
    criticUpdate: () => criticUpdate(setup),
    generatorUpdate: () => generatorUpdate(setup),
    translation: (batchSize) => {
      const { image, target } = batchNodes({ model, batchSize });
      return createGraph('targan translation', {
        // The target branch is not run.
        translated: translateTargan(G.parameters, image, image, target).image,
      });
    },
  };
}

function criticUpdate(setup: RivalSetup): Graph {
  const { batchSize } = setup;
  const { image, mask, source, target } = batchNodes(setup);
  const { G, D, localD } = networksOf(setup);
  const cut = cutTumour(image, mask);
  const made = translateTargan(G.parameters, image, cut, target);
  const factor = (name: string): Node => input(name, [batchSize, 1, 1, 1]);
  const terms = (critic: Parameters, real: Node, fake: Node, alpha: Node) => {
    const judged = (x: Node) => judgeByShape(criticOf(setup), critic, x);
    const [onReal, onFake] = [judged(real), judged(fake)];
    return {
      real: adversarial(onReal.source),
      fake: realness(onFake.source),
      cls: tracedModality(onReal.modality, source, 'real'),
      trace: tracedModality(onFake.modality, source, 'made'),
      gp: gradientPenalty((x) => judged(x).source, real, fake, alpha),
    };
  };
  const whole = terms(D.parameters, image, detach(made.image), factor('alpha'));
  const local = terms(localD.parameters, cut, detach(made.target), factor('beta'));
  const [total, localTotal] = [weightedSum(whole, criticWeights), weightedSum(local, criticWeights)];
  const losses = [
    { loss: total, networks: { D } },
    { loss: localTotal, networks: { localD } },
  ];
  return createGraph('targan critic update', {
    ...learnNetworks(losses, setup.adam),
    ...termOutputs({ ...whole, total }),
    ...termOutputs({ ...local, total: localTotal }, 'local_'),
  });
}

function generatorUpdate(setup: RivalSetup): Graph {
  const { image, mask, source, target } = batchNodes(setup);
  const { G, D, localD, shape } = networksOf(setup);
  const cut = cutTumour(image, mask);
  const made = translateTargan(G.parameters, image, cut, target);
  // The cycle is given the translated target, not one that is cut out of the translated slice.
  const back = translateTargan(G.parameters, made.image, made.target, source);
  const verdict = judgeByShape(criticOf(setup), D.parameters, made.image);
  const localVerdict = judgeByShape(criticOf(setup), localD.parameters, made.target);
  const found = (x: Node): Node => sigmoid(segmentLogits(shapeOf(setup), shape.parameters, x));
  const terms = {
    fake: adversarial(verdict.source),
    cls: tracedModality(verdict.modality, target, 'real'),
    local_fake: adversarial(localVerdict.source),
    local_cls: tracedModality(localVerdict.modality, target, 'real'),
    rec: meanAbsoluteError(image, back.image),
    local_rec: meanAbsoluteError(cut, back.target),
    cross: crossingLoss(made.image, made.target, mask),
    shape: add(
      meanSquaredError(found(made.image), brainIn(image)),
      meanSquaredError(found(made.target), mask),
    ),
  };
  const total = weightedSum(terms, generatorWeights);
  return createGraph('targan generator update', {
    ...learnNetworks([{ loss: total, networks: { G, shape } }], setup.adam, setup.averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

/** As UTAD-Net's, with one slope throughout and a class head that also tells what a slice was made from. */
function criticOf({ model }: RivalSetup): CriticShape {
  const { sliceSide, criticFeatures, criticLayers, modalities } = model;
  return { sliceSide, criticFeatures, criticLayers, classes: 2 * modalities.length, firstSlope: 0.01 };
}

/** The shape controller is a segmenter of one region: the brain of a slice, the target of a target. */
function shapeOf({ model }: RivalSetup): SegmenterConfiguration {
  const { sliceSide, levels, features } = model;
  const width = Math.max(1, Math.round(features * shapeShare));
  return { modalities: ['made'], regions: ['shape'], sliceSide, levels, features: width };
}

function networksOf(setup: RivalSetup) {
  const network = (prefix: string, specs: readonly ParameterSpec[]) => ({
    specs,
    parameters: parameterInputs(prefix, specs),
  });
  const critic = criticShapeSpecs(criticOf(setup));
  return {
    G: network('G', targanSpecs(setup.model)),
    D: network('D', critic),
    localD: network('localD', critic),
    shape: network('shape', segmenterSpecs(shapeOf(setup)).map(evenStart)),
  };
}

/** A segmenter starts with regions that are rare; a brain is not. */
function evenStart(spec: ParameterSpec): ParameterSpec {
  return spec.name === 'score.bias' ? { ...spec, initialiser: { kind: 'constant', value: 0 } } : spec;
}
