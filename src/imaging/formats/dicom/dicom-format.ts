import type { SeriesFormat } from '../../volume-format.js';
import { looksLikeDicom } from './dicom-head.js';
import { isZip } from './zip-mark.js';

/** DICOM series: a folder of files at any depth, a ZIP of them, or a file with several frames. */
export const dicomFormat = {
  kind: 'series',
  name: 'dicom',
  title: 'DICOM',
  extensions: ['.dcm', '.zip'],
  sniff: ({ bytes }) => looksLikeDicom(bytes) || isZip(bytes),
  isOwnName: (name) => /^\d+\.dcm$/.test(name),
  load: async () => (await import('./dicom-codec.js')).dicomCodec,
} as const satisfies SeriesFormat;
