import { createGraph, type Graph, type Node } from '../engine/graph.js';
import { add, detach, input, scale } from '../engine/operations.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { type CriticResult, judge, type ReadyCritic, readyCritic } from '../model/critic.js';
import { brainIn, generate } from '../model/generator.js';
import { itselfAround } from '../model/neighbours.js';
import type { Parameters } from '../nn/parameters.js';
import { type AdamNodes, adamNodes } from './adam.js';
import { learn } from './learn.js';
import { learntNames, type NetworkName, networkInputs } from './networks.js';
import { nextPrefix, termOutputs, termPrefix } from './program-outputs.js';
import { type ExtraTerm, type StudentTerm, type TeacherTerm, type Terms, weightedSum } from './terms.js';
import { batchNodes, cutTumour, maskShare, seenIn } from './update-inputs.js';
import type { UpdateSetup } from './update-setup.js';
import {
  adapterOf,
  criticTerms,
  generatorTerms,
  identityTerm,
  taughtTerms,
  truthTerm,
} from './update-terms.js';

/**
 * One update of both critics as one program: the generator's pass in training mode, losses, penalties, Adam.
 *
 * Inputs: the batch (see {@link batchNodes}), the penalties' mixing factors `alpha` and `beta`
 * [N,1,1,1], the networks G, D and localD, the critics' moments and Adam's factors.
 * Outputs: `next.*` for the critics (with what their normalisation remembers), their moments and the generator's running
 * statistics, `term.*` for the losses.
 */
export function criticUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights } = setup;
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const made = generate(model, networks.G, { ...batch, ...seenIn(setup, batch, tumour) }, 'training');
  const [D, localD] = [networks.D, networks.localD].map((critic) =>
    readyCritic(model, critic, 'training'),
  ) as [ReadyCritic, ReadyCritic];

  const factor = (name: string): Node => input(name, [setup.batchSize, 1, 1, 1]);
  const whole = criticTerms(
    setup,
    D.parameters,
    batch.image,
    detach(made.image),
    batch.source,
    factor('alpha'),
  );
  const local = criticTerms(
    setup,
    localD.parameters,
    tumour,
    detach(made.tumour),
    batch.source,
    factor('beta'),
    maskShare(setup),
  );
  const total = weightedSum(whole, weights.critic);
  const localTotal = weightedSum(local, weights.critic);

  const adam = adamNodes();
  return createGraph(`${stage} critic update`, {
    ...learnNetworks(setup, { D: networks.D }, total, adam),
    ...learnNetworks(setup, { localD: networks.localD }, localTotal, adam),
    ...nextBuffers('D', D.buffers),
    ...nextBuffers('localD', localD.buffers),
    ...nextBuffers('G', made.buffers),
    ...termOutputs(whole),
    ...termOutputs(local, 'local_'),
    [`${termPrefix}total`]: total,
    [`${termPrefix}local_total`]: localTotal,
  });
}

/**
 * One update of the generator as one program: pass, cycle pass, losses, gradient, Adam. A student's program also
 * runs its frozen teacher T, which sees the true mask.
 *
 * Inputs and outputs as in {@link criticUpdate}, without mixing factors, with moments of G, and
 * `averageG` before and after where a moving average is kept, `truth` and `truthShare` where they are learnt from.
 */
export function generatorUpdate(setup: UpdateSetup): Graph {
  const { model, stage, weights } = setup;
  const batch = batchNodes(setup);
  const networks = trainedNetworks(model);
  const tumour = cutTumour(batch.image, batch.mask);
  const seen = seenIn(setup, batch, tumour);
  const seenBy = (image: Node, cut: Node): Node => (stage === 'teacher' ? cut : image);

  const made = generate(model, networks.G, { ...batch, ...seen }, 'training');
  const cut = cutTumour(made.image, batch.mask);
  const back = generate(
    model,
    { ...networks.G, ...made.buffers },
    // The translation's own background is not exactly −1: where the brain is, its source says.
    {
      image: made.image,
      // Nobody has translated these.
      neighbours: itselfAround(model, made.image),
      tumour: seenBy(made.image, cut),
      source: batch.target,
      target: batch.source,
      brain: brainIn(batch.image),
    },
    'training',
  );
  const judged = (critic: Parameters, image: Node): CriticResult =>
    judge(model, readyCritic(model, critic, 'evaluation').parameters, image);
  const verdict = judged(networks.D, made.image);
  const localVerdict = judged(networks.localD, made.tumour);

  const teacherTerms = generatorTerms(setup, batch, tumour, made, cut, back, verdict, localVerdict);
  // A student that is taught nothing has no use for its teacher.
  const isTaught = stage === 'student' && weights.generator.sup + weights.generator.feature > 0;
  const adapter = isTaught ? adapterOf(setup) : {};
  const terms: Terms<TeacherTerm, Node> & Partial<Terms<StudentTerm | ExtraTerm, Node>> = {
    ...teacherTerms,
    ...(weights.generator.truth === 0 ? {} : { truth: truthTerm(setup, batch, made.image) }),
    ...(weights.generator.identity === 0 ? {} : { identity: identityTerm(setup, batch, networks.G, seen) }),
    ...(isTaught ? taughtTerms(setup, batch, tumour, made, adapter) : {}),
  };
  const total = weightedSum(terms, weights.generator);

  const next = {
    ...learnNetworks(setup, { G: networks.G }, total, adamNodes(), adapter),
    ...nextBuffers('G', back.buffers),
  };
  return createGraph(`${stage} generator update`, {
    ...next,
    ...nextAverage(next, setup.averageDecay),
    ...termOutputs(terms),
    [`${termPrefix}total`]: total,
    ...(setup.probe
      ? { fake: made.image, local_fake: made.tumour, bottleneck: made.bottleneck, rec: back.image }
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

/** Adam for everything that networks, and an adapter, learn from this loss. */
function learnNetworks(
  { model, adam: settings, probe }: UpdateSetup,
  networks: Partial<Record<NetworkName, Parameters>>,
  loss: Node,
  factors: AdamNodes,
  adapter: Parameters = {},
): Record<string, Node> {
  const learnt = Object.entries(networks).flatMap(([network, parameters]) =>
    learntNames(network as NetworkName, model).map((name) => [
      name,
      parameters[name.slice(network.length + 1)]!,
    ]),
  );
  return learn(loss, {
    label: Object.keys(networks).join(', '),
    parameters: { ...Object.fromEntries(learnt), ...adapter },
    adam: settings,
    factors,
    probe: probe ?? false,
  });
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
