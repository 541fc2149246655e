import type { CaseNote } from '../../datasets/data-set.js';
import { unusedSeries } from '../../datasets/dicom-series.node.js';
import { archivesAmong } from '../../imaging/formats/dicom/choose-series.js';
import type { SeriesInput } from './find-input.js';

/** What is not used of one patient's DICOM files whatever is translated: other images, broken files, archives. */
export function seriesNotes({ listing }: Pick<SeriesInput, 'listing'>): readonly CaseNote[] {
  const archives = archivesAmong(listing.leftOut);
  const texts = [
    ...unusedSeries(listing, listing.series),
    ...(archives === undefined ? [] : [`not used, ${archives}`]),
  ];
  return texts.map((text): CaseNote => ({ severity: 'warning', text }));
}
