import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import { patientOf } from './case.js';
import type { GivenSplit } from './split.js';

/**
 * Splits for cross-validation: every patient is held out once, all examinations of a person in the same fold, and
 * the folds differ by one patient at most.
 *
 * @param cases ids of the cases that may be held out
 * @param always ids of cases to learn from in every fold whose patient is not held out there
 * @throws UtadError bad-argument when there are fewer patients than folds.
 */
export function foldsOf(
  cases: readonly string[],
  always: readonly string[],
  { folds, seed }: { readonly folds: number; readonly seed: number },
): readonly GivenSplit[] {
  const patients = [...new Set(cases.map(patientOf))].sort();
  if (folds < 2 || folds > patients.length) {
    fail('bad-argument', {
      where: 'folds',
      expected: `a number from 2 to that of the patients with a mask, ${patients.length}`,
      got: String(folds),
    });
  }
  const order = createRandom(seed, 'folds').permutation(patients.length);
  const foldOf = new Map(order.map((patient, place) => [patients[patient]!, place % folds]));
  return Array.from({ length: folds }, (_, fold) => ({
    train: [
      ...cases.filter((id) => foldOf.get(patientOf(id)) !== fold),
      ...always.filter((id) => foldOf.get(patientOf(id)) !== fold),
    ],
    validation: cases.filter((id) => foldOf.get(patientOf(id)) === fold),
  }));
}
