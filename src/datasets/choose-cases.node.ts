import { join } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { type CaseFiles, patientOf } from './case.js';
import type { DataSet } from './data-set.js';
import { type GivenSplit, type Split, splitCases } from './split.js';
import { findSplitFile, readSplitFile } from './split-file.node.js';

/** Where the choice of patients may come from. */
interface CaseChoice {
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

/** The cases to evaluate, why these, and what is doubtful about them. */
export interface ChosenCases<Case> {
  readonly cases: readonly Case[];
  readonly reason: string;
  /** Cases whose patient the model has learnt from. */
  readonly trainedOn: readonly Case[];
}

/**
 * Chooses the cases to evaluate: those of a given split, else the model's own validation cases, else those of the
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

  if (choice.wanted === 'all' && choice.splitIsGiven)
    refuse('bad-argument', {
      where: '--split',
      problem: 'does nothing with --patients all',
      todo: 'Leave one of them out.',
    });
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
    refuse('not-found', {
      where: '--patients validation',
      problem: 'neither the model file nor a split names validation patients that the data set holds',
      todo: 'Name them in a file with --split, or take --patients all.',
    });
  }
  return withTraining(cases, 'all patients of the data set: no validation patients are known');
}

/** How a command asks for the cases to evaluate. */
interface CaseFlags {
  /** A split file. */
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
}

/**
 * {@link chooseCases} with the split that a file names, or the data set's own.
 *
 * @param folder of the data set
 * @param trained what the model file says of its training
 * @throws UtadError as readSplitFile and chooseCases.
 */
export async function chooseCasesOf<Case extends { readonly id: string }>(
  folder: string,
  cases: readonly Case[],
  trained: CaseChoice['trained'],
  { split: file, patients }: CaseFlags,
): Promise<ChosenCases<Case>> {
  const split = await givenSplit(folder, file);
  return chooseCases(cases, {
    ...(trained === undefined ? {} : { trained }),
    splitIsGiven: file !== undefined,
    ...(patients === undefined ? {} : { wanted: patients }),
    ...(split ? { split: { validation: split.validation, from: file ?? join(folder, 'split.json') } } : {}),
  });
}

/** Cases to learn from and held-out ones, and whether a file named them. */
interface ChosenSplit extends Split<CaseFiles> {
  readonly given: boolean;
}

/**
 * The cases to learn from and the held-out ones: as a file says, else as the data set's own `split.json` says, else
 * drawn among the candidates.
 *
 * @param candidates looked for only where one is drawn
 * @throws UtadError as readSplitFile and splitCases.
 */
export async function chooseSplit(
  { folder, cases }: Pick<DataSet, 'folder' | 'cases'>,
  candidates: () => readonly CaseFiles[],
  options: {
    readonly split?: string | undefined;
    readonly seed: number;
    readonly validationFraction: number;
  },
): Promise<ChosenSplit> {
  const { seed, validationFraction } = options;
  const given = await givenSplit(folder, options.split);
  const split =
    given === undefined
      ? splitCases(candidates(), { seed, validationFraction })
      : splitCases(cases, { seed, validationFraction, given });
  return { ...split, given: given !== undefined };
}

async function givenSplit(folder: string, file: string | undefined): Promise<GivenSplit | undefined> {
  return file === undefined ? findSplitFile(folder) : readSplitFile(file);
}
