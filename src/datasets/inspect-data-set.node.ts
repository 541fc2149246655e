import { basename } from 'node:path';
import { requireArguments } from '../base/arguments.js';
import { UtadError } from '../base/errors.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import { patientOf, withoutSession } from './case.js';
import type { DataSet } from './data-set.js';
import { inspectCase } from './inspect-case.node.js';
import type { CaseInspection, Problem } from './inspection.js';
import { isInRegion, type LabelConvention } from './label-convention.js';
import { bratsConventions } from './labels.js';

/** What a data set holds and what is wrong with it. */
export interface DataSetInspection {
  readonly cases: readonly CaseInspection[];
  /** Problems that concern no single case. */
  readonly problems: readonly Problem[];
}

/** How closely to look. */
export interface InspectOptions {
  /** Looks at the headers only: not at intensities, labels and what is the same image. */
  readonly headersOnly?: boolean;
  readonly onProgress?: (done: number, id: string) => void;
}

/** Looks through all cases of a data set, reading one volume at a time. */
export async function inspectDataSet(
  dataSet: DataSet,
  options: InspectOptions = {},
): Promise<DataSetInspection> {
  requireArguments('inspectDataSet', { dataSet: [dataSet, 'object'], options: [options, 'object'] });
  requireArguments('inspectDataSet', {
    ...{ 'dataSet.cases': [dataSet.cases, 'list'], 'dataSet.modalities': [dataSet.modalities, 'list'] },
    'dataSet.notes': [dataSet.notes, 'list'],
  });
  const { headersOnly = false, onProgress = () => undefined } = options;
  const seen = new Map<string, string>();
  const people = new Map<string, string>();
  const found: CaseInspection[] = [];
  for (const [index, one] of dataSet.cases.entries()) {
    onProgress(index, one.id);
    const inspection = await inspectCase(one, dataSet, { headersOnly, seen });
    const person = patientOf(one.id);
    const other = people.get(person);
    people.set(person, other ?? one.id);
    const same: Problem[] =
      other === undefined || withoutSession(other) === withoutSession(one.id)
        ? []
        : [{ severity: 'warning', text: `the same patient as ${other}, by the name` }];
    const notes = dataSet.notes
      .filter(({ caseId }) => caseId === one.id)
      .map(({ caseId: _, ...problem }) => problem);
    found.push({ ...inspection, problems: [...notes, ...inspection.problems, ...same] });
  }
  onProgress(dataSet.cases.length, '');
  const general = dataSet.notes
    .filter(({ caseId }) => caseId === undefined || !dataSet.cases.some(({ id }) => id === caseId))
    .map(({ text, caseId, ...problem }) => ({
      ...problem,
      text: caseId === undefined ? text : `${caseId}: ${text}`,
    }));
  const { cases, problem } = withResolvedConventions(dataSet, found);
  return { cases, problems: [...general, ...(problem ? [problem] : [])] };
}

/** Gives each case its convention, by what the labels of all cases say together where nothing else does. */
function withResolvedConventions(
  dataSet: DataSet,
  found: readonly CaseInspection[],
): { readonly cases: readonly CaseInspection[]; readonly problem?: Problem } {
  const declared = dataSet.cases.flatMap(({ id, labels }) => (labels ? [[id, labels] as const] : []));
  const conventions = new Map<string, LabelConvention>(declared);
  const open = found.filter(({ id, labels }) => labels !== undefined && !conventions.has(id));
  const name = (): readonly CaseInspection[] =>
    found.map((one) => {
      const convention = conventions.get(one.id);
      if (!convention || one.labelsMl === undefined) return one;
      return { ...one, convention: convention.name, regionsMl: regionsOf(one.labelsMl, convention) };
    });
  if (open.length === 0) return { cases: name() };
  if (dataSet.layout !== 'brats') {
    const why = dataSet.unclearLabels ?? 'nothing says what the labels of the masks mean';
    const text = `${why}: declare it with --labels, or with a mapping file`;
    return { cases: name(), problem: { severity: 'error', text } };
  }
  try {
    const masks = open.map(({ id, labels, mask }) => ({ id, labels: labels!, ...fileOf(mask) }));
    for (const [id, convention] of bratsConventions(masks, dataSet.labelsPerPatient))
      conventions.set(id, convention);
    return { cases: name() };
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    return { cases: name(), problem: { severity: 'error', text: error.message } };
  }
}

function fileOf(mask: VolumeSource | undefined): { readonly file?: string } {
  return mask === undefined ? {} : { file: basename(mask.path) };
}

function regionsOf(
  labelsMl: Readonly<Record<string, number>>,
  convention: LabelConvention,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.keys(convention.regions).map((region) => {
      const isInside = isInRegion(convention, region);
      const inside = Object.entries(labelsMl).filter(([label]) => isInside(Number(label)));
      return [region, Number(inside.reduce((sum, [, ml]) => sum + ml, 0).toFixed(3))];
    }),
  );
}
