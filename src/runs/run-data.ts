import { resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import { chooseSplit } from '../datasets/choose-cases.node.js';
import type { DataSet, DataSetOptions } from '../datasets/data-set.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import type { LabelConvention } from '../datasets/label-convention.js';
import type { Split } from '../datasets/split.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import { modalityAmong } from '../imaging/words/modality-name.js';
import type { SegmentationConfiguration } from '../methods/segmenter-configuration.js';
import { segmenterMethod } from '../methods/segmenter-method.js';
import { type Assignment, assignModalities } from '../slices/assignment.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { type RunRecord, runPaths, type SegmenterRecord, type TranslatorRecord } from './run-folder.js';

/** Cases with a mask: all that a random split may hold out. @throws UtadError not-found when there are none. */
export function casesToLearnFrom({ cases, folder }: DataSet): readonly CaseFiles[] {
  const labelled = cases.filter(
    ({ mask, modalities }) => mask !== undefined && Object.keys(modalities).length > 0,
  );
  if (labelled.length > 0) return labelled;
  return fail('not-found', {
    where: folder,
    expected: 'tumour masks, at least of some cases',
    got: `none for ${cases.length} cases`,
    todo: 'Add them, or name them in a mapping file.',
  });
}

/**
 * Adds to a split's training side the cases without a mask whose patient is not held out. The unlabelled cases of a
 * Decathlon or nnU-Net folder are its test set and stay out.
 */
export function withUnmasked(
  split: Split<CaseFiles>,
  { cases, layout }: Pick<DataSet, 'cases' | 'layout'>,
  modalities: readonly string[],
): Split<CaseFiles> {
  if (layout === 'msd' || layout === 'nnunet') return split;
  const held = new Set(split.validation.map(({ id }) => patientOf(id)));
  const learnt = new Set(split.train.map(({ id }) => id));
  const more = cases.filter(
    (one) =>
      one.mask === undefined &&
      !learnt.has(one.id) &&
      !held.has(patientOf(one.id)) &&
      modalities.some((name) => one.modalities[name] !== undefined),
  );
  return { ...split, train: [...split.train, ...more] };
}

/**
 * The patients to learn from and to choose by: as a file says, else as the data set's own `split.json` says, else drawn.
 *
 * @throws UtadError as readSplitFile and splitCases; not-found when nobody has a mask.
 */
export async function splitFor(
  dataSet: DataSet,
  splitFile: string | undefined,
  { seed, validationFraction }: { readonly seed: number; readonly validationFraction: number },
): Promise<Split<CaseFiles>> {
  return chooseSplit(dataSet, () => casesToLearnFrom(dataSet), {
    split: splitFile,
    seed,
    validationFraction,
  });
}

/** The part of a run's record that says what it learns from. */
type RecordedData = Pick<
  RunRecord,
  'dataSet' | 'dataSetOptions' | 'labels' | 'trainingCases' | 'validationCases'
> & { readonly configuration: { readonly model: { readonly modalities: readonly string[] } } };

/** What was said about the data set, with a path that holds wherever the run is continued. */
export function recordedOptions(options: DataSetOptions | undefined): Pick<RunRecord, 'dataSetOptions'> {
  const said = dataSetOptions(options ?? {});
  if (Object.keys(said).length === 0) return {};
  return { dataSetOptions: { ...said, ...(said.map === undefined ? {} : { map: resolve(said.map) }) } };
}

/** What the labels of these cases mean, as a run keeps it. */
export function recordedLabels(cases: readonly CaseFiles[]): NonNullable<RunRecord['labels']> {
  const byConvention = new Map<string, { convention: LabelConvention; cases: string[] }>();
  for (const { id, labels } of cases) {
    if (labels === undefined) continue;
    const key = JSON.stringify(labels);
    const entry = byConvention.get(key) ?? { convention: labels, cases: [] };
    entry.cases.push(id);
    byConvention.set(key, entry);
  }
  return [...byConvention.values()].map(({ convention: { name, regions, target, others }, cases: ids }) => ({
    convention: {
      name,
      regions: Object.fromEntries(
        Object.entries(regions).map(([region, of]) => [region, of === 'any' ? of : [...of]]),
      ),
      target,
      others: [...others],
    },
    cases: ids,
  }));
}

/** Modalities by the names that a run has for them: a mapping file's own in runs of version 0.1.0. */
function namedAs(names: readonly string[], found: CaseFiles['modalities']): CaseFiles['modalities'] {
  return Object.fromEntries(
    Object.entries(found).map(([name, source]) => [modalityAmong(names, name) ?? name, source] as const),
  );
}

/**
 * The cases that a run began with, their labels as they were understood then.
 *
 * @throws UtadError not-found when some are gone.
 */
export async function casesOf(record: RecordedData): Promise<ReadonlyMap<string, CaseFiles>> {
  const dataSet = await findCases(record.dataSet, dataSetOptions(record.dataSetOptions ?? {}));
  const conventions = new Map(
    (record.labels ?? []).flatMap(({ convention, cases: ids }) => ids.map((id) => [id, convention] as const)),
  );
  // What the run began with stays, whatever a mapping file says today.
  const cases = new Map(
    dataSet.cases.map(({ labels: _, ...found }) => {
      const convention = conventions.get(found.id);
      const one = { ...found, modalities: namedAs(record.configuration.model.modalities, found.modalities) };
      return [one.id, convention === undefined ? one : { ...one, labels: convention }];
    }),
  );
  const lost = [...record.trainingCases, ...record.validationCases].filter((id) => !cases.has(id));
  if (lost.length > 0) {
    fail('not-found', {
      where: record.dataSet,
      expected: 'the cases that the run began with',
      got: `none of ${lost.slice(0, 5).join(', ')}`,
      todo: 'Put them back, or start a new run.',
    });
  }
  return cases;
}

/** Notes the data of a run at its start; afterwards they must stay the same. */
export async function requireSameData(run: string, fingerprint: string): Promise<void> {
  const path = runPaths.fingerprint(run);
  const known = await readFileBytes(path).then(
    (bytes) => new TextDecoder().decode(bytes).trim(),
    () => null,
  );
  if (known === null) await writeFileAtomic(path, `${fingerprint}\n`);
  else if (known !== fingerprint) {
    fail('bad-value', {
      where: run,
      expected: 'the data that the run began with',
      got: 'files, or a preparation by another version, that have changed since',
      todo: 'Put the old files back, or start a new run.',
    });
  }
}

/** How a configuration prepares volumes. */
export function recipeOf({
  model: { sliceSide },
  data: { preparation },
}: {
  readonly model: Pick<PreparationRecipe, 'sliceSide'>;
  readonly data: { readonly preparation: Omit<PreparationRecipe, 'sliceSide'> };
}): PreparationRecipe {
  return { sliceSide, ...preparation };
}

/** What each training case contributes; to a segmenter, all that it has. */
export function assignmentsOf(
  record: AssignedData,
  cases: ReadonlyMap<string, CaseFiles>,
): readonly Assignment[] {
  const training = record.trainingCases.map((id) => cases.get(id)!);
  if (record.kind === 'segmenter') {
    const {
      seed,
      model: { modalities },
    } = record.configuration;
    return assignModalities(training, modalities, { paired: true, seed });
  }
  return training.map((one) => ({ case: one, modalities: record.assignment[one.id] ?? [] }));
}

/** The part of a run's record that says what each case contributes. */
type AssignedData =
  | Pick<TranslatorRecord, 'kind' | 'trainingCases' | 'assignment'>
  | Pick<SegmenterRecord, 'kind' | 'trainingCases' | 'configuration'>;

/**
 * Slices of all modalities of some cases, with the regions in their masks; kept below `folder`.
 *
 * @throws UtadError as prepareSliceStore.
 */
export function prepareRegionStore(
  folder: string,
  cases: readonly CaseFiles[],
  configuration: SegmentationConfiguration,
  told: {
    readonly onProgress: (done: number, total: number, text: string) => void;
    readonly onNotice: (text: string) => void;
  },
): Promise<SliceStore> {
  const {
    seed,
    model: { modalities },
  } = configuration;
  const assignment = assignModalities(cases, modalities, { paired: true, seed });
  const { slices } = segmenterMethod(configuration);
  return prepareSliceStore(folder, assignment, recipeOf(configuration), { ...slices, ...told });
}
