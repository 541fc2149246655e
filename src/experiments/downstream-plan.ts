import { join } from 'node:path';
import type { CaseFiles } from '../datasets/case.js';
import type { SliceStore } from '../slices/slice-store.js';
import { storeView } from '../slices/store-view.js';

/** What stands in the place of a missing modality. */
export type Substitute = 'truth' | 'without' | 'copied' | 'translated';

/** One network to train and test. */
export interface Condition {
  /** Unique; names its folder. */
  readonly name: string;
  readonly substitute: Substitute;
  /** null for the truth, which lacks nothing. */
  readonly missing: string | null;
  /** What is copied or translated. */
  readonly source: string | null;
}

/** Missing modality → what it is made of. */
export type Sources = Readonly<Record<string, string>>;

/** The truth once, then three networks for each missing modality. */
export function conditionsOf(sources: Sources): Condition[] {
  return [
    { name: 'truth', substitute: 'truth', missing: null, source: null },
    ...Object.entries(sources).flatMap(([missing, source]): Condition[] => [
      { name: `${missing}-without`, substitute: 'without', missing, source: null },
      { name: `${missing}-copied`, substitute: 'copied', missing, source },
      { name: `${missing}-translated`, substitute: 'translated', missing, source },
    ]),
  ];
}

/** Modalities of a condition's network. */
export function inputsOf(
  { substitute, missing }: Condition,
  modalities: readonly string[],
): readonly string[] {
  return substitute === 'without' ? modalities.filter((name) => name !== missing) : modalities;
}

/** A test patient as a condition has it. */
export function caseOf(
  one: CaseFiles,
  condition: Condition,
  filled: (missing: string, id: string) => string,
): CaseFiles {
  const { substitute, missing, source } = condition;
  if (missing === null) return one;
  const { [missing]: _, ...others } = one.modalities;
  if (substitute === 'without') return { ...one, modalities: others };
  const stand = substitute === 'copied' ? one.modalities[source!]! : { path: filled(missing, one.id) };
  return { ...one, modalities: { ...others, [missing]: stand } };
}

/** Training slices as a condition has them. @param translated slices of the translations of its missing modality */
export function slicesOf(
  condition: Condition,
  modalities: readonly string[],
  real: SliceStore,
  translated: SliceStore | null,
): SliceStore {
  const { name, substitute, missing, source } = condition;
  const inputs = inputsOf(condition, modalities);
  const kept = {
    store: real,
    as: ({ modality }: { modality: number }) =>
      modalities[modality] === missing ? undefined : inputs.indexOf(modalities[modality]!),
  };
  const place = missing === null ? -1 : inputs.indexOf(missing);
  if (substitute === 'copied') {
    const from = modalities.indexOf(source!);
    const copy = ({ modality }: { modality: number }) => (modality === from ? place : undefined);
    return storeView([kept, { store: real, as: copy }], name);
  }
  return substitute === 'translated'
    ? storeView([kept, { store: translated!, as: () => place }], name)
    : storeView([kept], name);
}

/** Paths of an experiment. */
export const downstreamPaths = {
  cache: (out: string): string => join(out, 'cache'),
  filled: (out: string): string => join(out, 'filled'),
  run: (out: string, condition: string): string => join(out, 'runs', condition),
} as const;
