import { throwIfAborted } from '../base/abort.js';
import { keyedCache } from '../base/keyed-cache.js';
import type { CaseFiles } from '../datasets/case.js';
import { attempt } from '../jobs/attempt.js';
import type { JobRunner } from '../jobs/job.js';
import { type LoadedSegmenter, loadSegmenterFile } from '../segmentation/segmenter.node.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import { type CheckedDirection, checkPatient } from './check-patient.js';

/** How patients are checked, whoever they are; plain JSON. */
interface CheckSettings {
  readonly model: string;
  readonly segmenter: string;
  readonly device: string;
  readonly threads: number;
}

/** The work on one patient. */
export interface CheckPatientRun {
  readonly kind: 'check-patient';
  readonly files: CaseFiles;
  readonly settings: CheckSettings;
}

interface Tools {
  readonly model: LoadedModel;
  readonly segmenter: LoadedSegmenter;
  readonly close: () => Promise<void>;
}

/** Checks patients; translator and segmenter stay loaded between them. */
export function checkPatientRunner(): JobRunner<CheckPatientRun, readonly CheckedDirection[]> {
  const cache = keyedCache((settings: CheckSettings) => settings, openTools);
  return {
    run: ({ id, run: { files, settings } }, { signal, onProgress }) =>
      attempt(id, signal, async () => {
        const { model, segmenter } = await cache.open(settings);
        const { modalities } = model.metadata.model;
        const present = modalities.filter((name) => files.modalities[name] !== undefined).length;
        const directions = present * (present - 1);
        let done = 0;
        const goingOn = {
          metadata: model.metadata,
          translateSlices: ((slices, source, target, options) => {
            throwIfAborted(signal, 'utad check');
            return model.translateSlices(slices, source, target, {
              ...options,
              onProgress: () => throwIfAborted(signal, 'utad check'),
            });
          }) satisfies LoadedModel['translateSlices'],
        };
        return checkPatient(files, { model: goingOn, segmenter }, () => onProgress(done++, directions));
      }),
    close: cache.close,
  };
}

async function openTools({ model: path, segmenter, device, threads }: CheckSettings): Promise<Tools> {
  const model = await loadModel(path, { device, threads });
  try {
    const loaded = await loadSegmenterFile(segmenter, { device, threads });
    const close = async (): Promise<void> => {
      await model.close();
      await loaded.close();
    };
    return { model, segmenter: loaded, close };
  } catch (error) {
    await model.close();
    throw error;
  }
}
