import { fail } from '../base/errors.js';
import type { Node } from '../engine/graph/graph.js';
import { add, scale } from '../engine/graph/operations.js';

/** Terms of one critic's loss; the penalty `gp` is left out where its weight is 0. */
export type CriticTerm = 'real' | 'fake' | 'cls' | 'gp';

/** What critics say of a translation: `fake` and `cls` are D's, the others localD's. */
export type VerdictTerm = 'fake' | 'cls' | 'local_fake' | 'local_cls';

/**
 * Terms of the generator's loss: those of both stages, the two of the distillation, and `truth`, which the publication has not.
 * Each is left out where its weight is 0.
 */
export type GeneratorTerm = VerdictTerm | 'rec' | 'local' | 'sup' | 'feature' | 'truth';

/** A value for every term; the same keys name weights, loss values and the journal's columns. */
export type Terms<K extends string, V> = Readonly<Record<K, V>>;

/** Weights of all loss terms. */
export interface LossWeights {
  readonly critic: Terms<CriticTerm, number>;
  readonly generator: Terms<GeneratorTerm, number>;
}

/** The published weights. @source UTAD-Net's published training script. */
export const publishedWeights: LossWeights = {
  critic: { real: 1, fake: 1, cls: 1, gp: 10 },
  generator: {
    fake: 1,
    cls: 1,
    local_fake: 1,
    local_cls: 1,
    rec: 10,
    local: 10,
    truth: 0,
    sup: 10,
    feature: 10,
  },
};

/** A critic of whole slices, and one of tumours. */
export type CriticName = 'D' | 'localD';

const verdicts: Readonly<Record<CriticName, readonly VerdictTerm[]>> = {
  D: ['fake', 'cls'],
  localD: ['local_fake', 'local_cls'],
};

/** Whether the generator has a weight for one of these terms. */
export function wantsAny({ generator }: LossWeights, terms: readonly GeneratorTerm[]): boolean {
  return terms.some((term) => generator[term] > 0);
}

/** The critics whose verdicts have a weight; nobody needs another one, so it is not trained. */
export function criticsWanted(weights: LossWeights): CriticName[] {
  return (['D', 'localD'] as const).filter((critic) => wantsAny(weights, verdicts[critic]));
}

/** @throws UtadError bad-configuration when nothing that a stage's generator could learn from has a weight. */
export function requireTerm({ generator }: LossWeights, stage: 'teacher' | 'student'): void {
  const { sup, feature, ...ofBoth } = generator;
  const terms = stage === 'teacher' ? ofBoth : { ...ofBoth, sup, feature };
  if (Object.values(terms).some((value) => value > 0)) return;
  fail('bad-configuration', {
    where: 'generatorWeights',
    expected: `a weight above 0 for a term of the ${stage} (${Object.keys(terms).join(', ')})`,
    got: 'none',
  });
}

/** The terms that have a weight. */
export function wantedTerms<K extends string, V>(
  weights: Terms<K, number>,
  terms: Partial<Terms<K, V>>,
): Partial<Terms<K, V>> {
  const there = Object.entries(terms) as [K, V][];
  return Object.fromEntries(there.filter(([key]) => weights[key] > 0)) as Partial<Terms<K, V>>;
}

/** Σ weight · term over the terms that are there. */
export function weightedSum<K extends string>(
  terms: Partial<Terms<K, Node>>,
  weights: Terms<K, number>,
): Node {
  const there = Object.entries(terms) as [K, Node][];
  return there.map(([key, term]) => scale(term, weights[key])).reduce(add);
}
