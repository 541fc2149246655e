import { bidsPath } from './bids-name.js';
import { bratsPath } from './brats-name.js';
import type { OutputLayoutName } from './output-layout-name.js';

/** Where volumes go, as paths without ending, relative to the output folder. */
export interface OutputLayout {
  readonly name: OutputLayoutName;
  /** A synthetic volume. */
  readonly synthetic: (id: string, modality: string) => string;
  /** The map of how far the translations from several sources lie apart. */
  readonly spread: (id: string, modality: string) => string;
  /** A scan. */
  readonly scan: (id: string, modality: string) => string;
}

/**
 * A folder a patient with files named as in BraTS. In a complete data set for other tools, a synthetic volume is
 * named as a scan would be, since those look for the plain name.
 */
function bratsLayout(complete: boolean): OutputLayout {
  return {
    name: 'brats',
    synthetic: (id, modality) => bratsPath(id, modality, complete ? undefined : 'synthetic'),
    spread: (id, modality) => bratsPath(id, modality, 'spread'),
    scan: (id, modality) => bratsPath(id, modality),
  };
}

/** BIDS derivatives: `sub-<patient>/[ses-<session>/]anat/…_desc-synthetic_<suffix>`. */
const bidsLayout: OutputLayout = {
  name: 'bids',
  synthetic: (id, modality) => bidsPath(id, modality, 'synthetic'),
  spread: (id, modality) => bidsPath(id, modality, 'spread'),
  scan: (id, modality) => bidsPath(id, modality),
};

/** A layout by its name. @param complete scans are put beside the synthetic volumes */
export function outputLayout(name: OutputLayoutName, complete: boolean): OutputLayout {
  return name === 'bids' ? bidsLayout : bratsLayout(complete);
}

/** An id without what file systems or other programs stumble over. */
export function fileSafe(id: string): string {
  return id.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
}
