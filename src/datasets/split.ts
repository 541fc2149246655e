import { z } from 'zod';
import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import { patientOf } from './case.js';

/** Lists of case ids, as in a `split.json`. */
export const givenSplitSchema = z.strictObject({
  train: z.array(z.string()).min(1),
  validation: z.array(z.string()),
});

/** See {@link givenSplitSchema}. */
export type GivenSplit = Readonly<z.infer<typeof givenSplitSchema>>;

/** Cases to train on, cases to evaluate on, and cases that a given split does not name. */
export interface Split<Case> {
  readonly train: readonly Case[];
  readonly validation: readonly Case[];
  readonly unused: readonly Case[];
}

/** How to split. */
interface SplitOptions {
  /** Share of the patients, 0 to below 1; at least one patient unless 0. Ignored with `given`. */
  readonly validationFraction: number;
  readonly seed: number;
  readonly given?: GivenSplit;
}

/**
 * Splits cases by patient: all examinations of a person fall on the same side.
 *
 * @throws UtadError bad-argument for a fraction that leaves nobody to learn from; bad-configuration when a
 * given split names an unknown case, names one twice, or has one patient on both sides.
 */
export function splitCases<Case extends { readonly id: string }>(
  cases: readonly Case[],
  options: SplitOptions,
): Split<Case> {
  return options.given ? splitAsGiven(cases, options.given) : splitAtRandom(cases, options);
}

function splitAtRandom<Case extends { readonly id: string }>(
  cases: readonly Case[],
  { validationFraction, seed }: SplitOptions,
): Split<Case> {
  const patients = [...new Set(cases.map(({ id }) => patientOf(id)))].sort();
  const wanted = validationFraction === 0 ? 0 : Math.max(1, Math.round(validationFraction * patients.length));
  if (!(validationFraction >= 0 && validationFraction < 1) || wanted >= patients.length) {
    fail('bad-argument', {
      where: 'validation.fraction',
      expected: 'a share that leaves patients to learn from',
      got: `${validationFraction} of ${patients.length} patients`,
      todo: 'Choose a smaller share or add patients.',
    });
  }
  const order = createRandom(seed, 'split').permutation(patients.length);
  const chosen = new Set(order.slice(0, wanted).map((index) => patients[index]!));
  return {
    train: cases.filter(({ id }) => !chosen.has(patientOf(id))),
    validation: cases.filter(({ id }) => chosen.has(patientOf(id))),
    unused: [],
  };
}

function splitAsGiven<Case extends { readonly id: string }>(
  cases: readonly Case[],
  given: GivenSplit,
): Split<Case> {
  const byId = new Map(cases.map((one) => [one.id, one]));
  const named = [...given.train, ...given.validation];
  const refuse = (expected: string, got: string, todo: string): never =>
    fail('bad-configuration', { where: 'split', expected, got, todo });

  const unknown = named.filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    refuse(
      'ids of cases in the data set',
      `unknown ${listed(unknown)}`,
      'Correct the ids or the data set folder.',
    );
  }
  const twice = named.filter((id, index) => named.indexOf(id) !== index);
  if (twice.length > 0) refuse('each case once', `${listed(twice)} more than once`, 'Keep one of them.');
  const learning = new Set(given.train.map(patientOf));
  const both = given.validation.filter((id) => learning.has(patientOf(id)));
  if (both.length > 0) {
    refuse(
      'each patient on one side',
      `${listed(both)}, whose patient is in train too`,
      'Move all of a patient to one side.',
    );
  }
  const used = new Set(named);
  return {
    train: given.train.map((id) => byId.get(id)!),
    validation: given.validation.map((id) => byId.get(id)!),
    unused: cases.filter(({ id }) => !used.has(id)),
  };
}

function listed(ids: readonly string[]): string {
  return ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
}
