import { fail } from '../base/errors.js';
import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import { initialise } from '../nn/parameters.js';
import { momentNames, zeroMoments } from '../training/adam.js';
import { requireTensors, withoutPrefix, withPrefix } from '../training/networks.js';
import type { TrainingState } from '../training/state.js';
import type { Rival } from './rival.js';

/** A rival in training. */
export type RivalState = TrainingState<Tensors, string>;

/** A rival before its first update; with `average` its generator's moving average begins too. */
export function startRival(rival: Rival, seed: number, average: boolean): RivalState {
  const networks: Record<string, Tensor> = Object.assign(
    {},
    ...Object.entries(rival.networks).map(([prefix, specs]) =>
      withPrefix(prefix, initialise(specs, seed, `${rival.name} ${prefix}`)),
    ),
  );
  const learnt = Object.fromEntries(learntNames(rival).map((name) => [name, networks[name]!]));
  const averaged = average ? withPrefix('averageG', withoutPrefix('G', networks)) : {};
  const tensors = { ...networks, ...averaged, ...zeroMoments(learnt) };
  return { stage: rival.name, iteration: 0, generatorUpdates: 0, tensors, best: null };
}

/**
 * Checks that restored tensors are a whole state of this rival.
 *
 * @throws UtadError bad-file, naming what is missing.
 */
export function requireRival(where: string, rival: Rival, { tensors }: RivalState, average: boolean): void {
  for (const [prefix, specs] of Object.entries(rival.networks))
    requireTensors(where, `${prefix}.`, specs, tensors);
  if (average) requireTensors(where, 'averageG.', rival.networks['G']!, tensors);
  for (const name of learntNames(rival).flatMap(momentNames)) {
    if (tensors[name] === undefined)
      fail('bad-file', { where, expected: `Adam's moment ${name}`, got: 'none' });
  }
}

/** What Adam moves, by name. */
function learntNames({ networks }: Rival): string[] {
  return Object.entries(networks).flatMap(([prefix, specs]) =>
    specs.flatMap(({ name, role }) => (role === 'weight' ? [`${prefix}.${name}`] : [])),
  );
}
