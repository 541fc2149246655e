import { fail } from '../../../base/errors.js';
import type { SeriesCodec } from '../../volume-format.js';
import { writeDicomSeries } from './write-series.js';

/** Writes DICOM series. Images need a study, a patient and a frame of reference, which only a DICOM source has. */
export const dicomCodec: SeriesCodec = {
  write: (volume, about) => {
    if (volume.origin.format === 'dicom') return writeDicomSeries(volume, volume.origin.series, about);
    return fail('bad-argument', {
      where: 'volume to write as DICOM',
      expected: 'one of a DICOM series, into whose study it is written',
      got: 'another one',
    });
  },
};
