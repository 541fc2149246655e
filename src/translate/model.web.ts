import { openWebModelFile, type WebOptionsOf } from '../engine/files/open-model-file.web.js';
import type { WebDevice } from '../engine/runtime/runtime.web.js';
import { type LoadedModel, loadedModel } from './loaded-model.js';
import { modelPlan, sessionOf } from './model-session.js';
import { readModelMetadata } from './read-model.js';

/**
 * Loads a model file in a browser. On the graphics card a slice must first agree with the processor.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is damaged or none of ours, not-supported when its format is newer or the
 *   device does not run it or computes wrongly.
 */
export async function loadWebModel(
  bytes: Uint8Array,
  where: string,
  device: WebDevice,
  optionsOf: WebOptionsOf,
): Promise<LoadedModel> {
  const metadata = readModelMetadata(bytes, where);
  const file = await openWebModelFile(bytes, modelPlan(where, metadata.model), device, optionsOf);
  const session = sessionOf(file, metadata.model);
  return loadedModel(metadata, session);
}
