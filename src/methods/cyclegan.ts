import { fail } from '../base/errors.js';
import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { add, detach, multiply, reshape, scale, shift, slice } from '../engine/graph/operations.js';
import { type CriticShape, criticShapeSpecs, sourceMap } from '../model/critic.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { meanAbsoluteError } from '../training/losses.js';
import { parameterInputs } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { weightedSum } from '../training/terms.js';
import { batchNodes } from '../training/update-inputs.js';
import { learnNetworks } from './learn-networks.js';
import type { Pair, Rival, RivalSetup } from './rival.js';
import { leastSquares } from './rival-losses.js';
import { singleBranchSpecs, translateSingleBranch } from './single-branch.js';

/** Weight of the cycle's error. @source Zhu et al., CycleGAN, ICCV 2017, section 3.3. */
const cycleWeight = 10;

/**
 * Two translators of one pair, there and back, with a critic of each modality.
 *
 * Losses as published: least squares, ten times the error of both cycles, critics halved; without identity loss, and without
 * the buffer of earlier fakes. The networks are the other rows': the U-Net with one branch, the critic without class head.
 *
 * @throws UtadError bad-configuration when the batch cannot be halved.
 * @source Zhu et al., CycleGAN, ICCV 2017.
 */
export function cycleganRival(setup: RivalSetup, pair: Pair): Rival {
  const { model, batchSize } = setup;
  if (batchSize % 2 !== 0) {
    fail('bad-configuration', {
      where: 'batchSize',
      expected: 'an even number for CycleGAN, which sees two modalities alike',
      got: String(batchSize),
    });
  }
  return {
    name: `cyclegan ${model.modalities[pair.first]} ${model.modalities[pair.second]}`,
    networks: {
      G: generatorSpecs(setup),
      firstD: criticShapeSpecs(criticOf(setup)),
      secondD: criticShapeSpecs(criticOf(setup)),
    },
    criticUpdate: () => criticUpdate(setup),
    generatorUpdate: () => generatorUpdate(setup),
    translation: (batch) => translation(setup, pair, batch),
    pair,
  };
}

function criticUpdate(setup: RivalSetup): Graph {
  const { G, firstD, secondD } = networksOf(setup);
  const { first, second } = halves(setup);
  const { there, back } = translators(setup, G.parameters);
  const critic = criticOf(setup);
  const judged = (parameters: Parameters, real: Node, fake: Node): Node =>
    scale(
      add(
        leastSquares(sourceMap(critic, parameters, real), 1),
        leastSquares(sourceMap(critic, parameters, detach(fake)), 0),
      ),
      0.5,
    );
  const terms = {
    first: judged(firstD.parameters, first, back(second)),
    second: judged(secondD.parameters, second, there(first)),
  };
  const losses = [
    { loss: terms.first, networks: { firstD } },
    { loss: terms.second, networks: { secondD } },
  ];
  return createGraph('cyclegan critic update', {
    ...learnNetworks(losses, setup.adam),
    ...termOutputs({ ...terms, total: add(terms.first, terms.second) }),
  });
}

function generatorUpdate(setup: RivalSetup): Graph {
  const { G, firstD, secondD } = networksOf(setup);
  const { first, second } = halves(setup);
  const { there, back } = translators(setup, G.parameters);
  const critic = criticOf(setup);
  const [madeSecond, madeFirst] = [there(first), back(second)];
  const terms = {
    fake: add(
      leastSquares(sourceMap(critic, secondD.parameters, madeSecond), 1),
      leastSquares(sourceMap(critic, firstD.parameters, madeFirst), 1),
    ),
    rec: add(meanAbsoluteError(first, back(madeSecond)), meanAbsoluteError(second, there(madeFirst))),
  };
  const total = weightedSum(terms, { fake: 1, rec: cycleWeight });
  return createGraph('cyclegan generator update', {
    ...learnNetworks([{ loss: total, networks: { G } }], setup.adam, setup.averageDecay),
    ...termOutputs({ ...terms, total }),
  });
}

/** A batch's two halves, [N/2,1,S,S] of each modality. */
function halves(setup: RivalSetup) {
  const { batchSize } = setup;
  const { image } = batchNodes(setup);
  return {
    first: slice(image, 0, 0, batchSize / 2),
    second: slice(image, 0, batchSize / 2, batchSize),
  };
}

/** Both ways are computed, and each slice keeps its own: a pair's network is never asked for anything else. */
function translation(setup: RivalSetup, { first }: Pair, batchSize: number): Graph {
  const { image, source } = batchNodes({ model: setup.model, batchSize });
  const { there, back } = translators(setup, networksOf(setup).G.parameters);
  // [N,M] → [N,1,1,1], 1 where the slice is of the pair's first modality
  const isFirst = reshape(slice(source, 1, first, first + 1), [batchSize, 1, 1, 1]);
  const isSecond = shift(scale(isFirst, -1), 1);
  return createGraph('cyclegan translation', {
    translated: add(multiply(isFirst, there(image)), multiply(isSecond, back(image))),
  });
}

function translators({ model }: RivalSetup, generator: Parameters) {
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

function generatorSpecs({ model }: RivalSetup): ParameterSpec[] {
  return ['there', 'back'].flatMap((way) =>
    singleBranchSpecs(model, 0).map((spec) => ({ ...spec, name: `${way}.${spec.name}` })),
  );
}

function criticOf({ model }: RivalSetup): CriticShape {
  const { sliceSide, criticFeatures, criticLayers } = model;
  return { sliceSide, criticFeatures, criticLayers, classes: 0 };
}

function networksOf(setup: RivalSetup) {
  const [generator, critic] = [generatorSpecs(setup), criticShapeSpecs(criticOf(setup))];
  return {
    G: { specs: generator, parameters: parameterInputs('G', generator) },
    firstD: { specs: critic, parameters: parameterInputs('firstD', critic) },
    secondD: { specs: critic, parameters: parameterInputs('secondD', critic) },
  };
}
