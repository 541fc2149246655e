import { fail } from '../base/errors.js';
import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { add, detach, multiply, reshape, scale, shift, slice } from '../engine/graph/operations.js';
import { type CriticShape, criticShapeSpecs, sourceMap } from '../model/critic.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { adamNodes, adamUpdate } from '../training/adam.js';
import { buildLosses, type Loss, lossColumns } from '../training/loss-table.js';
import { meanAbsoluteError } from '../training/losses.js';
import { nextAverage } from '../training/moving-average.js';
import { learntParameters, networkNodes } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import { leastSquares } from './rival-losses.js';
import { singleBranchSpecs, translateSingleBranch } from './single-branch.js';
import { batchNodes, type Pair } from './translation-batches.js';
import {
  criticAndGenerator,
  type TranslatorMethod,
  type TranslatorSetup,
  translatorMethod,
  translatorSetup,
} from './translator.js';

/** What an update of the generators has computed: slices of both modalities, there and back again. */
interface Pass {
  readonly first: Node;
  readonly second: Node;
  readonly firstBack: Node;
  readonly secondBack: Node;
  /** Source maps of the translations. */
  readonly scores: { readonly first: Node; readonly second: Node };
}

/** The generators' losses. @source Zhu et al., CycleGAN, ICCV 2017, section 3.3. */
const losses: readonly Loss<Pass>[] = [
  {
    name: 'fake',
    weight: 1,
    build: ({ scores }) => add(leastSquares(scores.second, 1), leastSquares(scores.first, 1)),
  },
  {
    name: 'rec',
    weight: 10,
    title: 'cycle (rec)',
    build: ({ first, firstBack, second, secondBack }) =>
      add(meanAbsoluteError(first, firstBack), meanAbsoluteError(second, secondBack)),
  },
];

/**
 * Two translators of one pair, there and back, with a critic of each modality.
 *
 * Losses as published: least squares, ten times the error of both cycles, critics halved; without identity loss, and without
 * the buffer of earlier fakes. The networks are those of the other methods: the U-Net with one branch, the critic without
 * class head.
 *
 * @throws UtadError bad-configuration when the batch cannot be halved.
 * @source Zhu et al., CycleGAN, ICCV 2017.
 */
export function cycleganMethod(
  configuration: TrainingConfiguration,
  criticRate: number,
  pair: Pair,
): TranslatorMethod {
  const model = modelOf(configuration);
  const setup = translatorSetup(configuration, model);
  if (setup.batchSize % 2 !== 0) {
    fail('bad-configuration', {
      where: 'schedule.batchSize',
      expected: 'an even number for CycleGAN, which sees two modalities alike',
      got: String(setup.batchSize),
    });
  }
  return translatorMethod(configuration, {
    name: `cyclegan ${model.modalities[pair.first]} ${model.modalities[pair.second]}`,
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
    inference: (batch) => translation(setup, pair, batch),
    pair,
  });
}

function criticUpdate(setup: TranslatorSetup): Graph {
  const { G, firstD, secondD } = networkNodes(networksOf(setup));
  const { first, second } = halves(setup);
  const { there, back } = translators(setup, G.parameters);
  const critic = criticOf(setup);
  const lossOf = (parameters: Parameters, real: Node, fake: Node): Node =>
    scale(
      add(
        leastSquares(sourceMap(critic, parameters, real), 1),
        leastSquares(sourceMap(critic, parameters, detach(fake)), 0),
      ),
      0.5,
    );
  const terms = {
    first: lossOf(firstD.parameters, first, back(second)),
    second: lossOf(secondD.parameters, second, there(first)),
  };
  const [adam, factors] = [setup.adam, adamNodes()];
  const [ofFirst, ofSecond] = [learntParameters({ firstD }), learntParameters({ secondD })];
  return createGraph('cyclegan critic update', {
    ...adamUpdate(terms.first, { label: 'firstD', parameters: ofFirst, adam, factors }),
    ...adamUpdate(terms.second, { label: 'secondD', parameters: ofSecond, adam, factors }),
    ...termOutputs({ ...terms, total: add(terms.first, terms.second) }),
  });
}

function generatorUpdate(setup: TranslatorSetup): Graph {
  const { adam, averageDecay } = setup;
  const { G, firstD, secondD } = networkNodes(networksOf(setup));
  const { first, second } = halves(setup);
  const { there, back } = translators(setup, G.parameters);
  const critic = criticOf(setup);
  const [translatedFirst, translatedSecond] = [there(first), back(second)];
  const { terms, total } = buildLosses('generator', losses, {
    first,
    second,
    firstBack: back(translatedFirst),
    secondBack: there(translatedSecond),
    scores: {
      first: sourceMap(critic, firstD.parameters, translatedSecond),
      second: sourceMap(critic, secondD.parameters, translatedFirst),
    },
  });
  const parameters = learntParameters({ G });
  const next = adamUpdate(total, { label: 'G', parameters, adam, factors: adamNodes() });
  return createGraph('cyclegan generator update', {
    ...next,
    ...nextAverage(next, averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

/** A batch's two halves, [N/2,1,S,S] of each modality. */
function halves(setup: TranslatorSetup) {
  const { batchSize } = setup;
  const { image } = batchNodes(setup);
  return {
    first: slice(image, 0, 0, batchSize / 2),
    second: slice(image, 0, batchSize / 2, batchSize),
  };
}

/** Both ways are computed, and each slice keeps its own: a pair's network is never asked for anything else. */
function translation(setup: TranslatorSetup, { first }: Pair, batchSize: number): Graph {
  const { image, source } = batchNodes({ model: setup.model, batchSize });
  const { there, back } = translators(setup, networkNodes(networksOf(setup)).G.parameters);
  // [N,M] → [N,1,1,1], 1 where the slice is of the pair's first modality
  const isFirst = reshape(slice(source, 1, first, first + 1), [batchSize, 1, 1, 1]);
  const isSecond = shift(scale(isFirst, -1), 1);
  return createGraph('cyclegan translation', {
    translated: add(multiply(isFirst, there(image)), multiply(isSecond, back(image))),
  });
}

function translators({ model }: TranslatorSetup, generator: Parameters) {
  const way = (name: 'there' | 'back') => {
    const own = Object.fromEntries(
      Object.entries(generator).flatMap(([key, node]) =>
        key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), node]] : [],
      ),
    );
    return (x: Node): Node => translateSingleBranch(model, own, x, null);
  };
  return { there: way('there'), back: way('back') };
}

function generatorSpecs({ model }: TranslatorSetup): ParameterSpec[] {
  return ['there', 'back'].flatMap((way) =>
    singleBranchSpecs(model, 0).map((spec) => ({ ...spec, name: `${way}.${spec.name}` })),
  );
}

function criticOf({ model }: TranslatorSetup): CriticShape {
  const { sliceSide, criticBaseChannels: criticFeatures, criticLayers } = model;
  return { sliceSide, criticBaseChannels: criticFeatures, criticLayers, classes: 0 };
}

function networksOf(setup: TranslatorSetup) {
  const critic = criticShapeSpecs(criticOf(setup));
  return { G: generatorSpecs(setup), firstD: critic, secondD: critic };
}
