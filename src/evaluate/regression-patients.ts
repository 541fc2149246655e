import type { CaseFiles } from '../datasets/case.js';
import type { DataSetOptions } from '../datasets/data-set.js';
import { findCases } from '../datasets/find-cases.node.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import { withoutEvaluated } from './fit-regression.js';

/** Why there is no local regression where nobody wanted one. */
export const fitLeftOut = 'left out by --fit none';

/** Whom the local regression is fitted to, and what is known of that. */
export interface RegressionPatients {
  readonly cases: readonly CaseFiles[];
  /** Why there is nobody; null where there is somebody. */
  readonly missing: string | null;
}

/** Where training patients may be named. */
interface RegressionChoice {
  /** `none`, a split file, or the folder of a data set; nothing when left out. */
  readonly fit?: string | undefined;
  /** The split file by which patients were chosen. */
  readonly split?: string | undefined;
  /** The data set that is evaluated on, and its cases. */
  readonly folder: string;
  readonly cases: readonly CaseFiles[];
  readonly evaluated: readonly CaseFiles[];
  /** What the model file says of its training. */
  readonly trainingCases: readonly string[];
  readonly options: DataSetOptions;
}

/**
 * Whom the local regression is fitted to: the patients of `--fit`; else the training patients of `--split`; else those that the model
 * file names and the data set holds; else those of the data set's split. Nobody who is evaluated is among them.
 *
 * @throws UtadError as readSplitFile and findCases.
 */
export async function regressionPatients(choice: RegressionChoice): Promise<RegressionPatients> {
  const { fit, evaluated } = choice;
  if (fit === 'none') return { cases: [], missing: fitLeftOut };
  const training = await trainingPatients(choice);
  if (training.length === 0) {
    return {
      cases: [],
      missing:
        'no training patients are known in this data set; name them with --fit <split file or folder of a data set>',
    };
  }
  const others = withoutEvaluated(training, evaluated);
  if (others.some(({ modalities }) => Object.keys(modalities).length >= 2))
    return { cases: others, missing: null };
  return {
    cases: [],
    missing:
      others.length === 0 ? 'every training patient is evaluated' : 'no training patient has two modalities',
  };
}

async function trainingPatients({
  fit,
  split,
  folder,
  cases,
  trainingCases,
  options,
}: RegressionChoice): Promise<readonly CaseFiles[]> {
  const among = (ids: readonly string[]): readonly CaseFiles[] => cases.filter(({ id }) => ids.includes(id));
  if (fit !== undefined && !fit.endsWith('.json')) return (await findCases(fit, options)).cases;
  const file = fit ?? split;
  if (file !== undefined) return among((await readSplitFile(file)).train);
  const known = among(trainingCases);
  return known.length > 0 ? known : among((await findSplitFile(folder))?.train ?? []);
}
