import { fail } from '../base/errors.js';
import { gradient } from '../engine/graph/gradient.js';
import type { Node } from '../engine/graph/graph.js';
import { type AdamNodes, type AdamSettings, adamStep } from './adam.js';
import { nextPrefix } from './program-outputs.js';

/** What {@link learn} is told. */
export interface LearnOptions {
  /** Who learns, for messages. */
  readonly label: string;
  /** What is learnt, by its name in the training state. */
  readonly parameters: Readonly<Record<string, Node>>;
  readonly adam: AdamSettings;
  readonly factors: AdamNodes;
  /** Also gives gradients as `grad.*`, for checks. */
  readonly probe?: boolean;
}

/**
 * Adam for everything that is learnt from a loss, as outputs `next.*` of an update program.
 *
 * @throws UtadError bad-argument when the loss does not depend on a parameter.
 */
export function learn(loss: Node, options: LearnOptions): Record<string, Node> {
  const { label, parameters, adam, factors, probe = false } = options;
  const named = Object.entries(parameters);
  const gradients = gradient(
    loss,
    named.map(([, node]) => node),
  );
  return Object.fromEntries(
    named.flatMap(([name, node], i) => {
      const g = gradients[i];
      if (g === null || g === undefined) {
        return fail('bad-argument', {
          where: `update of ${label}`,
          expected: `a loss that depends on ${name}`,
          got: 'no dependence',
        });
      }
      const next = Object.entries(adamStep(name, node, g, adam, factors));
      return [
        ...next.map(([key, after]) => [`${nextPrefix}${key}`, after] as const),
        ...(probe ? [[`grad.${name}`, g] as const] : []),
      ];
    }),
  );
}
