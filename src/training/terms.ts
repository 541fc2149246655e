import type { Node } from '../engine/graph.js';
import { add, scale } from '../engine/operations.js';

/** Terms of one critic's loss; the penalty `gp` is left out where its weight is 0. */
export type CriticTerm = 'real' | 'fake' | 'cls' | 'gp';

/** Terms of the generator's loss in both stages. */
export type TeacherTerm = 'fake' | 'cls' | 'local_fake' | 'local_cls' | 'rec' | 'local';

/** The student's terms: the teacher's and the two of the distillation. */
export type StudentTerm = TeacherTerm | 'sup' | 'feature';

/** A term of both stages that the publication has not; left out where its weight is 0. */
export type ExtraTerm = 'truth' | 'identity';

/** A value for every term; the same keys name weights, loss values and the journal's columns. */
export type Terms<K extends string, V> = Readonly<Record<K, V>>;

/** Weights of all loss terms. */
export interface LossWeights {
  readonly critic: Terms<CriticTerm, number>;
  readonly generator: Terms<StudentTerm | ExtraTerm, number>;
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
    identity: 0,
    sup: 10,
    feature: 10,
  },
};

/** Σ weight · term over the terms that are there. */
export function weightedSum<K extends string>(
  terms: Partial<Terms<K, Node>>,
  weights: Terms<K, number>,
): Node {
  const there = Object.entries(terms) as [K, Node][];
  return there.map(([key, term]) => scale(term, weights[key])).reduce(add);
}
