import { createGraph, type Graph } from '../engine/graph/graph.js';
import { detach, input } from '../engine/graph/operations.js';
import { criticSpecs, judge } from '../model/critic.js';
import { adversarial, crossEntropy, meanAbsoluteError } from '../training/losses.js';
import { parameterInputs } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { publishedWeights, weightedSum } from '../training/terms.js';
import { batchNodes } from '../training/update-inputs.js';
import { criticTerms } from '../training/update-terms.js';
import { learnNetworks } from './learn-networks.js';
import type { Rival, RivalSetup } from './rival.js';
import { singleBranchSpecs, translateSingleBranch } from './single-branch.js';

/**
 * One branch and one critic: UTAD-Net's teacher with everything about the tumour taken away. Losses and weights are what is
 * left of the teacher's: adversarial, class and ten times the cycle's.
 *
 * @source Choi et al., StarGAN, CVPR 2018, with the U-Net of Huang, Wei, Li: UTAD-Net, IJCNN 2024.
 */
export function starganRival(setup: RivalSetup): Rival {
  const { model } = setup;
  return {
    name: 'single',
    networks: { G: singleBranchSpecs(model, model.modalities.length), D: criticSpecs(model) },
    criticUpdate: () => criticUpdate(setup),
    generatorUpdate: () => generatorUpdate(setup),
    translation: (batchSize) => {
      const { image, target } = batchNodes({ model, batchSize });
      const { G } = networksOf(setup);
      return createGraph('single translation', {
        translated: translateSingleBranch(model, G.parameters, image, target),
      });
    },
  };
}

function criticUpdate(setup: RivalSetup): Graph {
  const { model, batchSize, adam } = setup;
  const { image, source, target } = batchNodes(setup);
  const { G, D } = networksOf(setup);
  const fake = detach(translateSingleBranch(model, G.parameters, image, target));
  const factor = input('alpha', [batchSize, 1, 1, 1]);
  const terms = criticTerms({ model, weights: publishedWeights }, D.parameters, {
    real: image,
    fake,
    source,
    factor,
  });
  const total = weightedSum(terms, publishedWeights.critic);
  return createGraph('single critic update', {
    ...learnNetworks([{ loss: total, networks: { D } }], adam),
    ...termOutputs({ ...terms, total }),
  });
}

function generatorUpdate(setup: RivalSetup): Graph {
  const { model, adam, averageDecay } = setup;
  const { image, source, target } = batchNodes(setup);
  const { G, D } = networksOf(setup);
  const fake = translateSingleBranch(model, G.parameters, image, target);
  const back = translateSingleBranch(model, G.parameters, fake, source);
  const verdict = judge(model, D.parameters, fake);
  const terms = {
    fake: adversarial(verdict.source),
    cls: crossEntropy(verdict.modality, target),
    rec: meanAbsoluteError(image, back),
  };
  const { fake: adversary, cls, rec } = publishedWeights.generator;
  const total = weightedSum(terms, { fake: adversary, cls, rec });
  return createGraph('single generator update', {
    ...learnNetworks([{ loss: total, networks: { G } }], adam, averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

function networksOf({ model }: RivalSetup) {
  const [generator, critic] = [singleBranchSpecs(model, model.modalities.length), criticSpecs(model)];
  return {
    G: { specs: generator, parameters: parameterInputs('G', generator) },
    D: { specs: critic, parameters: parameterInputs('D', critic) },
  };
}
