import { UtadError } from '../../base/errors.js';
import { readVolume } from '../../imaging/formats/volume-file.node.js';
import { type PreparedVolume, prepareVolume } from '../../imaging/prepare.js';
import { describeSource } from '../../imaging/volume-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import type { PreparedScan } from '../../translate/prepare-scan.js';
import type { TranslatePatientRun } from '../translation-job.js';

/** Gives a patient's other scans, on the slices of the one that is translated. */
export type OtherScans = (
  scan: PreparedScan,
  target: string,
) => Promise<Readonly<Record<string, PreparedVolume>>>;

/** Reads a patient's other scans, each once for each scan that is translated. */
export function otherScans(
  { scans, settings: { limits } }: Pick<TranslatePatientRun, 'scans' | 'settings'>,
  { recipe, model }: ModelMetadata,
): OtherScans {
  const known = new Map<string, PreparedVolume | null>();
  return async ({ modality: source, prepared, brain }, target) => {
    const usable: Record<string, PreparedVolume> = {};
    for (const [modality, scan] of Object.entries(scans)) {
      if (modality === source || modality === target || !model.modalities.includes(modality)) continue;
      const key = `${source} ${modality}`;
      if (!known.has(key)) {
        const options = { modality, like: prepared.record, ...(brain ? { brain } : {}) };
        known.set(
          key,
          await readVolume(scan, { limits })
            .then((volume) => prepareVolume(volume, recipe, describeSource(scan), options))
            .catch(unusable),
        );
      }
      const other = known.get(key);
      if (other) usable[modality] = other;
    }
    return usable;
  };
}

/** What is wrong with a scan is reported where it is translated itself; here it is only no second opinion. */
function unusable(error: unknown): null {
  if (error instanceof UtadError) return null;
  throw error;
}
