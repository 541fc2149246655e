import type { SeriesReader } from '../../volume-format.js';
import { chooseSeries } from './choose-series.js';
import { isDicomPath, listDicomSeries, readDicomPath } from './dicom-files.node.js';
import { requirePlan } from './read-volume.js';

/** Reads DICOM series from folders, ZIPs and files. */
export const dicomReader: SeriesReader = {
  holds: (path) => isDicomPath(path),
  read: (path, series, limits) => {
    const allowed = limits && { limits: { voxels: limits.maximumVoxels, fileBytes: limits.maximumBytes } };
    return readDicomPath(path, series, allowed);
  },
  readGrid: async (path, series) => requirePlan(chooseSeries(await listDicomSeries(path), path, series)),
};
