import type { DataSet } from '../datasets/data-set.js';
import { resolveLabels } from '../datasets/resolve-labels.node.js';
import { progressOf } from '../terminal/progress.js';

/** As resolveLabels, with a progress line while masks are read. */
export async function resolveLabelsShown(dataSet: DataSet): Promise<DataSet> {
  return resolveLabels(dataSet, progressOf('labels'));
}
