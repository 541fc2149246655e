import { fail } from '../base/errors.js';
import type { Node } from '../engine/graph/graph.js';
import { add, scale } from '../engine/graph/operations.js';

/** A loss of an update: how it is built from what the update has computed, and how much it counts. */
export interface Loss<Pass> {
  /** Names it in the journal. */
  readonly name: string;
  /** 0 leaves it out, with all that only it needs. */
  readonly weight: number;
  /** Its name in charts; not drawn when left out. */
  readonly title?: string;
  readonly build: (pass: Pass) => Node;
}

/** Losses of an update by name, and Σ weight · loss. */
interface BuiltLosses {
  readonly terms: Readonly<Record<string, Node>>;
  readonly total: Node;
}

/**
 * Builds the losses that have a weight.
 *
 * @param where who learns, for messages
 * @throws UtadError bad-configuration when none has.
 */
export function buildLosses<Pass>(where: string, losses: readonly Loss<Pass>[], pass: Pass): BuiltLosses {
  const built = losses
    .filter(({ weight }) => weight > 0)
    .map(({ name, weight, build }) => ({ name, weight, term: build(pass) }));
  if (built.length === 0) {
    const names = losses.map(({ name }) => name).join(', ');
    fail('bad-configuration', { where, expected: `a weight above 0 for one of ${names}`, got: 'none' });
  }
  const terms = Object.fromEntries(built.map(({ name, term }) => [name, term]));
  const weights = Object.fromEntries(built.map(({ name, weight }) => [name, weight]));
  return { terms, total: weightedSum(terms, weights) };
}

/** Σ weight · term over all terms. */
export function weightedSum<Name extends string>(
  terms: Readonly<Record<Name, Node>>,
  weights: Readonly<Record<Name, number>>,
): Node {
  const entries = Object.entries<Node>(terms) as [Name, Node][];
  return entries.map(([name, term]) => scale(term, weights[name])).reduce(add);
}

/** A loss as the journal has it. */
export interface LossColumn {
  readonly name: string;
  /** Its name in charts; null where it is not drawn. */
  readonly title: string | null;
}

/** The columns of losses in the journal. */
export function lossColumns(update: string, losses: readonly Omit<Loss<never>, 'build'>[]): LossColumn[] {
  return losses.map(({ name, title }) => ({ name: `${update}.${name}`, title: title ?? null }));
}
