import { basename } from 'node:path';
import { fail } from '../base/errors.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { requireMaskValues } from '../imaging/mask-values.js';
import { describeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import type { MaskLabels } from './challenge-labels.js';
import type { DataSet } from './data-set.js';
import { type LabelConvention, labelConventions } from './label-convention.js';
import { bratsConventions, labelsOf } from './labels.js';

/**
 * Makes sure that the meaning of every mask's labels is known: as declared, as the data set says, or, in BraTS,
 * by the labels that occur over all of its masks, which are read for it.
 *
 * @param onProgress called before each mask that is read
 * @returns the data set, each case that has a mask with its convention
 * @throws UtadError bad-value naming the cases that contradict each other, and how to declare what is meant.
 */
export async function resolveLabels(
  dataSet: DataSet,
  onProgress: (done: number, total: number, id: string) => void = () => undefined,
): Promise<DataSet> {
  const open = dataSet.cases.filter(({ mask, labels }) => mask !== undefined && labels === undefined);
  if (open.length === 0) return dataSet;
  requireBrats(dataSet, open);
  const masks: MaskLabels[] = [];
  for (const [index, { id, mask }] of open.entries()) {
    onProgress(index, open.length, id);
    const volume = await readVolume(mask!);
    requireMaskValues(volume, describeSource(mask!));
    masks.push({ id, labels: labelsOf(volume.data), file: basename(mask!.path) });
  }
  onProgress(open.length, open.length, '');
  return withConventions(dataSet, bratsConventions(masks, dataSet.labelsPerPatient));
}

/** A data set whose named cases have their conventions. */
function withConventions(dataSet: DataSet, conventions: ReadonlyMap<string, LabelConvention>): DataSet {
  const cases = dataSet.cases.map((one): CaseFiles => {
    const labels = one.labels ?? conventions.get(one.id);
    return labels === undefined ? one : { ...one, labels };
  });
  return { ...dataSet, cases };
}

/** Only BraTS's layout says enough for its labels to speak for themselves. */
function requireBrats({ layout, folder, unclearLabels }: DataSet, open: readonly CaseFiles[]): void {
  if (layout === 'brats') return;
  fail('bad-value', {
    where: folder,
    expected: 'a table of what the labels mean',
    got:
      unclearLabels !== undefined
        ? `one with ${unclearLabels}`
        : `none for ${open
            .slice(0, 5)
            .map(({ id }) => id)
            .join(', ')}${open.length > 5 ? ` and ${open.length - 5} more` : ''}`,
    todo: `Declare it with --labels ${Object.keys(labelConventions).join(' | ')}, or with the regions of a mapping file.`,
  });
}
