import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { detach, input } from '../engine/graph/operations.js';
import { type CriticResult, criticSpecs, scoreSlices } from '../model/critic.js';
import { adamNodes, adamUpdate } from '../training/adam.js';
import { buildLosses, type Loss, lossColumns } from '../training/loss-table.js';
import { adversarial, crossEntropy, meanAbsoluteError } from '../training/losses.js';
import { nextAverage } from '../training/moving-average.js';
import { learntParameters, networkNodes } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import { criticLossesOf, publishedWeights } from '../training/utad-losses.js';
import { singleBranchSpecs, translateSingleBranch } from './single-branch.js';
import { batchNodes } from './translation-batches.js';
import {
  criticAndGenerator,
  type TranslatorMethod,
  type TranslatorSetup,
  translatorMethod,
  translatorSetup,
} from './translator.js';

/** What an update of the generator has computed. */
interface Pass {
  readonly image: Node;
  readonly target: Node;
  /** Translated back, [N,1,S,S]. */
  readonly back: Node;
  readonly scores: CriticResult;
}

const { fake, cls, rec } = publishedWeights.generator;

/** The generator's losses: what is left of the teacher's without a tumour. */
const losses: readonly Loss<Pass>[] = [
  { name: 'fake', weight: fake, build: ({ scores }) => adversarial(scores.source) },
  { name: 'cls', weight: cls, build: ({ scores, target }) => crossEntropy(scores.modality, target) },
  {
    name: 'rec',
    weight: rec,
    title: 'cycle (rec)',
    build: ({ image, back }) => meanAbsoluteError(image, back),
  },
];

/**
 * One branch and one critic: UTAD-Net's teacher with everything about the tumour taken away. Losses and weights are what is
 * left of the teacher's: adversarial, class and ten times the cycle's.
 *
 * @source Choi et al., StarGAN, CVPR 2018, with the U-Net of Huang, Wei, Li: UTAD-Net, IJCNN 2024.
 */
export function starganMethod(configuration: TrainingConfiguration, criticRate: number): TranslatorMethod {
  const model = modelOf(configuration);
  const setup = translatorSetup(configuration, model);
  return translatorMethod(configuration, {
    name: 'single',
    model,
    networks: networksOf(setup),
    losses: lossColumns('generator', losses),
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
      return createGraph('single translation', {
        translated: translateSingleBranch(model, G.parameters, image, target),
      });
    },
  });
}

function criticUpdate(setup: TranslatorSetup): Graph {
  const { model, batchSize, adam } = setup;
  const { image, source, target } = batchNodes(setup);
  const { G, D } = networkNodes(networksOf(setup));
  const scores = (slices: Node): CriticResult => scoreSlices(model, D.parameters, slices);
  const { terms, total } = buildLosses('critic', criticLossesOf(publishedWeights), {
    real: image,
    fake: detach(translateSingleBranch(model, G.parameters, image, target)),
    source,
    factor: input('alpha', [batchSize, 1, 1, 1]),
    maskWeight: undefined,
    scores,
    onReal: scores(image),
  });
  const parameters = learntParameters({ D });
  return createGraph('single critic update', {
    ...adamUpdate(total, { label: 'D', parameters, adam, factors: adamNodes() }),
    ...termOutputs({ ...terms, total }),
  });
}

function generatorUpdate(setup: TranslatorSetup): Graph {
  const { model, adam, averageDecay } = setup;
  const { image, source, target } = batchNodes(setup);
  const { G, D } = networkNodes(networksOf(setup));
  const translated = translateSingleBranch(model, G.parameters, image, target);
  const { terms, total } = buildLosses('generator', losses, {
    image,
    target,
    back: translateSingleBranch(model, G.parameters, translated, source),
    scores: scoreSlices(model, D.parameters, translated),
  });
  const parameters = learntParameters({ G });
  const next = adamUpdate(total, { label: 'G', parameters, adam, factors: adamNodes() });
  return createGraph('single generator update', {
    ...next,
    ...nextAverage(next, averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

function networksOf({ model }: TranslatorSetup) {
  return { G: singleBranchSpecs(model, model.modalities.length), D: criticSpecs(model) };
}
