import { fail } from '../base/errors.js';
import { patientOf } from '../datasets/case.js';

/** Where the choice of patients may come from. */
export interface CaseChoice {
  /** `all`, `validation`, or neither: validation patients where they are known, else all. */
  readonly wanted?: 'all' | 'validation';
  /** What the model file says of its training, when it does. */
  readonly trained?: {
    readonly trainingCases: readonly string[];
    readonly validationCases: readonly string[];
  } | null;
  /** Ids that a split names for validation, and where it was found. */
  readonly split?: { readonly validation: readonly string[]; readonly from: string };
  /** The split was named by the person: it goes before what the model file says. */
  readonly splitIsGiven?: boolean;
}

/** The cases to judge, why these, and what is doubtful about them. */
export interface ChosenCases<Case> {
  readonly cases: readonly Case[];
  readonly reason: string;
  /** Cases whose patient the model has learnt from. */
  readonly trainedOn: readonly Case[];
}

/**
 * Chooses the cases to judge: those of a given split, else the model's own validation cases, else those of the
 * data set's split, else all.
 *
 * @throws UtadError bad-configuration when a given split names nobody in the data set, not-found when validation
 * cases are wanted and none are known.
 */
export function chooseCases<Case extends { readonly id: string }>(
  cases: readonly Case[],
  choice: CaseChoice,
): ChosenCases<Case> {
  const learnt = new Set((choice.trained?.trainingCases ?? []).map(patientOf));
  const withTraining = (chosen: readonly Case[], reason: string): ChosenCases<Case> => ({
    cases: chosen,
    reason,
    trainedOn: chosen.filter(({ id }) => learnt.has(patientOf(id))),
  });
  const among = (ids: readonly string[]): readonly Case[] => cases.filter(({ id }) => ids.includes(id));

  if (choice.wanted === 'all') return withTraining(cases, 'all patients of the data set');
  const { split } = choice;
  if (split && choice.splitIsGiven) {
    const chosen = among(split.validation);
    if (chosen.length < split.validation.length || chosen.length === 0) {
      const unknown = split.validation.filter((id) => !chosen.some((one) => one.id === id));
      fail('bad-configuration', {
        where: split.from,
        expected: 'validation ids of cases in the data set',
        got: unknown.length > 0 ? `unknown ${unknown.slice(0, 5).join(', ')}` : 'none',
        todo: 'Correct the ids or the data set folder.',
      });
    }
    return withTraining(chosen, `the validation patients of ${split.from}`);
  }
  const recorded = among(choice.trained?.validationCases ?? []);
  if (recorded.length > 0) return withTraining(recorded, 'the validation patients that the model file names');
  const named = among(split?.validation ?? []);
  if (split && named.length > 0) return withTraining(named, `the validation patients of ${split.from}`);
  if (choice.wanted === 'validation') {
    fail('not-found', {
      where: '--patients validation',
      expected: 'validation patients in the model file or in a split of the data set',
      got: 'none that the data set holds',
      todo: 'Name them in a file with --split, or take --patients all.',
    });
  }
  return withTraining(cases, 'all patients of the data set: no validation patients are known');
}
