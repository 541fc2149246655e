import { join } from 'node:path';
import { fail } from '../base/errors.js';
import { wholeNumber } from '../base/whole-number.js';
import type { CaseFiles } from '../datasets/case.js';
import { chooseSplit } from '../datasets/choose-cases.node.js';
import type { DataSet } from '../datasets/data-set.js';
import type { DataSetFlags } from '../datasets/data-set-options.js';
import type { Schedule } from '../methods/schedule-names.js';
import type { Pair } from '../methods/translation-batches.js';
import { resolveConfiguration } from '../training/presets.js';
import { type MethodName, methodNames } from './compare-methods.js';
import type { ComparisonSettings } from './compare-trainings.js';

/** What `utad compare` is called with. */
export interface CompareOptions extends DataSetFlags {
  readonly out: string;
  readonly methods?: string;
  readonly pair?: string;
  readonly seeds: string;
  readonly iterations: string;
  readonly preset: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule;
  readonly split?: string;
  readonly every: string;
  readonly dryRun?: boolean;
  readonly device: string;
  readonly threads?: string;
}

/** What is done, and on whom. */
export interface ComparisonPlan {
  readonly settings: ComparisonSettings;
  readonly methods: readonly MethodName[];
  readonly pair: Pair;
  readonly seeds: readonly number[];
  /** Evaluates every n-th slice. */
  readonly every: number;
  readonly train: readonly CaseFiles[];
  readonly test: readonly CaseFiles[];
}

/** Paths of a comparison. */
export const comparePaths = {
  cache: (out: string, seed: number): string => join(out, 'cache', String(seed)),
  runs: (out: string, seed: number): string => join(out, 'runs', String(seed)),
  run: (out: string, seed: number, name: string): string => join(out, 'runs', String(seed), name),
} as const;

/**
 * What the options and the data ask for.
 *
 * @throws UtadError bad-argument, bad-configuration or bad-value.
 */
export async function planComparison(dataSet: DataSet, options: CompareOptions): Promise<ComparisonPlan> {
  const iterations = wholeNumber('--iterations', options.iterations, 2, 1e9);
  const resolved = resolveConfiguration(options.preset, {
    'model.modalities': dataSet.modalities,
    ...options.set,
  });
  const base = { ...resolved, schedule: { ...resolved.schedule, iterations } };
  const {
    seed,
    model: { modalities },
    validation: { fraction: validationFraction },
  } = base;
  // What is done to the tumour, and whether it survives, is half of the question.
  const masked = dataSet.cases.filter(({ mask }) => mask !== undefined);
  const split = await chooseSplit(dataSet, () => masked, { split: options.split, seed, validationFraction });
  const known = (one: CaseFiles): number => modalities.filter((name) => one.modalities[name]).length;
  const train = split.train.filter((one) => one.mask !== undefined && known(one) > 0);
  const test = split.validation.filter((one) => one.mask !== undefined && known(one) > 1);
  if (train.length === 0 || test.length === 0) {
    fail('bad-value', {
      where: dataSet.folder,
      expected: 'patients with a mask to learn from, and held-out ones with a mask and two modalities',
      got: `${train.length} and ${test.length}`,
      todo: 'Add patients, or give another --split.',
    });
  }
  return {
    settings: { base, schedule: options.schedule, ours: options.ours },
    methods: listOf('--methods', options.methods, methodNames),
    pair: pairOf(options.pair, modalities),
    seeds: options.seeds.split(',').map((text) => wholeNumber('--seeds', text, 0, 2 ** 31 - 1)),
    every: wholeNumber('--every', options.every, 1, 1e6),
    train,
    test,
  };
}

function listOf<Name extends string>(
  where: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (text === undefined) return known;
  const wanted = text.split(',').map((name) => name.trim());
  const strange = wanted.find((name) => !known.some((one) => one === name));
  if (strange !== undefined) fail('bad-argument', { where, expected: known.join(', '), got: strange });
  return known.filter((name) => wanted.includes(name));
}

/** `t1:t2`; the first two modalities when left out. */
function pairOf(text: string | undefined, modalities: readonly string[]): Pair {
  const names = text === undefined ? modalities.slice(0, 2) : text.split(':').map((name) => name.trim());
  const [first, second] = names.map((name) => modalities.indexOf(name));
  if (names.length === 2 && first !== second && first! >= 0 && second! >= 0)
    return { first: first!, second: second! };
  return fail('bad-argument', {
    where: '--pair',
    expected: `two of ${modalities.join(', ')} as ${modalities.slice(0, 2).join(':')}`,
    got: text ?? names.join(':'),
  });
}
