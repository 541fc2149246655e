import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { add, detach, input, scale } from '../engine/graph/operations.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { generate, servesTumourAlone } from '../model/generator.js';
import { cutTumour } from '../model/tumour-image.js';
import type { Parameters } from '../nn/parameters.js';
import { type AdamNodes, adamNodes } from './adam.js';
import { learn } from './learn.js';
import { learntNames, type NetworkName, networkInputs } from './networks.js';
import { nextPrefix, termOutputs } from './program-outputs.js';
import {
  criticsWanted,
  type GeneratorTerm,
  requireTerm,
  wantedTerms,
  wantsAny,
  weightedSum,
} from './terms.js';
import { batchNodes, generatorInputs } from './update-inputs.js';
import type { UpdateSetup } from './update-setup.js';
import { adapterOf, criticTerms, cycleOf, taughtTerms, truthTerm, verdictTerms } from './update-terms.js';

/**
 * One update of the critics as one program: the generator's pass in training mode, losses, penalties, Adam. A critic of
 * which the generator's weights want nothing is left out; see {@link criticsWanted}.
 *
 * Inputs: the batch (see {@link batchNodes}), the penalties' mixing factors `alpha` and `beta`
 * [N,1,1,1], the networks G, D and localD, the critics' moments and Adam's factors.
 * Outputs: `next.*` for the critics, their moments and the generator's running
 * statistics, `term.*` for the losses.
 */
export function criticUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights, batchSize } = setup;
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const made = generate(model, networks.G, generatorInputs(setup, batch, tumour), 'training');
  const judged = {
    D: { real: batch.image, fake: made.image, factor: 'alpha', label: '' },
    localD: { real: tumour, fake: made.tumour, factor: 'beta', share: batch.maskShare, label: 'local_' },
  };

  const adam = adamNodes();
  const learnt = criticsWanted(weights).map((name) => {
    const { real, fake, factor, label, ...share } = judged[name];
    const terms = criticTerms(setup, networks[name], {
      real,
      fake: detach(fake),
      source: batch.source,
      factor: input(factor, [batchSize, 1, 1, 1]),
      ...share,
    });
    const total = weightedSum(terms, weights.critic);
    return {
      ...learnNetworks(setup, { [name]: networks[name] }, total, adam),
      ...termOutputs({ ...terms, total }, label),
    };
  });
  return createGraph(`${stage} critic update`, {
    ...Object.assign({}, ...learnt),
    ...nextBuffers('G', made.buffers),
  });
}

/**
 * One update of the generator as one program: pass, cycle pass, losses, gradient, Adam. A student's program also
 * runs its frozen teacher T, which sees the true mask. Terms without a weight are left out with all that only they
 * need: the cycle's pass, critics, the teacher.
 *
 * Inputs and outputs as in {@link criticUpdate}, without mixing factors, with moments of G, and
 * `averageG` before and after where a moving average is kept, `truth` and `truthShare` where they are learnt from.
 *
 * @throws UtadError bad-configuration when no term of this stage has a weight.
 */
export function generatorUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights } = setup;
  requireTerm(weights, stage);
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const made = generate(model, networks.G, generatorInputs(setup, batch, tumour), 'training');

  const wants = (...terms: GeneratorTerm[]): boolean => wantsAny(weights, terms);
  const cycle = wants('rec', 'local') ? cycleOf(setup, batch, tumour, networks.G, made) : null;
  // A student that is taught nothing has no use for its teacher.
  const isTaught = stage === 'student' && wants('sup', 'feature');
  const adapter = isTaught ? adapterOf(setup) : {};
  const terms = wantedTerms(weights.generator, {
    ...verdictTerms(setup, batch, networks, made),
    ...cycle?.terms,
    ...(wants('truth') ? { truth: truthTerm(setup, batch, made.image) } : {}),
    ...(isTaught ? taughtTerms(setup, batch, tumour, made, adapter) : {}),
  });
  const total = weightedSum(terms, weights.generator);

  // Without a term of the translated tumour, its decoder stays as it is.
  const G = wants('local', 'local_fake', 'local_cls') ? networks.G : withoutTumourDecoder(networks.G);
  const next = {
    ...learnNetworks(setup, { G }, total, adamNodes(), adapter),
    ...nextBuffers('G', cycle?.buffers ?? made.buffers),
  };
  return createGraph(`${stage} generator update`, {
    ...next,
    ...nextAverage(next, setup.averageDecay),
    ...termOutputs({ ...terms, total }),
    ...(setup.probe
      ? {
          fake: made.image,
          local_fake: made.tumour,
          bottleneck: made.bottleneck,
          ...(cycle ? { rec: cycle.image } : {}),
        }
      : {}),
  });
}

/** The three networks that learn, as graph inputs. */
function trainedNetworks(model: ModelConfiguration): Readonly<Record<'G' | 'D' | 'localD', Parameters>> {
  return {
    G: networkInputs('G', model),
    D: networkInputs('D', model),
    localD: networkInputs('localD', model),
  };
}

/** Adam for everything that networks, and an adapter, learn from this loss; networks may be given in part. */
function learnNetworks(
  { model, adam: settings, probe }: UpdateSetup,
  networks: Partial<Record<NetworkName, Parameters>>,
  loss: Node,
  factors: AdamNodes,
  adapter: Parameters = {},
): Record<string, Node> {
  const learnt = Object.entries(networks).flatMap(([network, parameters]) =>
    learntNames(network as NetworkName, model).flatMap((name) => {
      const parameter = parameters[name.slice(network.length + 1)];
      return parameter ? [[name, parameter] as const] : [];
    }),
  );
  return learn(loss, {
    label: Object.keys(networks).join(', '),
    parameters: { ...Object.fromEntries(learnt), ...adapter },
    adam: settings,
    factors,
    probe: probe ?? false,
  });
}

function withoutTumourDecoder(generator: Parameters): Parameters {
  return Object.fromEntries(Object.entries(generator).filter(([name]) => !servesTumourAlone(name)));
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
