import type { Node } from '../engine/graph/graph.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { type AdamSettings, adamNodes } from '../training/adam.js';
import { learn } from '../training/learn.js';
import { nextAverage } from '../training/update.js';

/** A network as graph inputs, and what its parameters are. */
export interface LearntNetwork {
  readonly specs: readonly ParameterSpec[];
  readonly parameters: Parameters;
}

/** Adam for everything that some networks, by the prefix of their tensors, learn from a loss each. */
export function learnNetworks(
  losses: readonly { readonly loss: Node; readonly networks: Readonly<Record<string, LearntNetwork>> }[],
  adam: AdamSettings,
  averageDecay = 0,
): Record<string, Node> {
  // One pair of nodes for all: an update has one learning rate.
  const factors = adamNodes();
  const next = Object.assign(
    {},
    ...losses.map(({ loss, networks }) =>
      learn(loss, {
        label: Object.keys(networks).join(', '),
        parameters: learntParameters(networks),
        adam,
        factors,
      }),
    ),
  ) as Record<string, Node>;
  return { ...next, ...nextAverage(next, averageDecay) };
}

function learntParameters(networks: Readonly<Record<string, LearntNetwork>>): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([prefix, { specs, parameters }]) =>
      specs.flatMap(({ name, role }) =>
        role === 'weight' ? [[`${prefix}.${name}`, parameters[name]!]] : [],
      ),
    ),
  );
}
