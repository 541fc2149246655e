import { openModelFile } from '../engine/files/open-model-file.node.js';
import type { FileNetwork } from './model-metadata.js';
import { type ModelSession, modelPlan, sessionOf } from './model-session.js';

/**
 * Loads a model on a device, which must agree with the CPU.
 *
 * @param device `cpu`; `auto`, the fastest device that computes rightly; or a name
 * @param where the model file's name, for messages
 * @throws UtadError as `openModelFile`.
 */
export async function openModel(
  bytes: Uint8Array,
  where: string,
  model: FileNetwork,
  device: string,
  threads: number | undefined,
): Promise<ModelSession> {
  return sessionOf(await openModelFile(bytes, modelPlan(where, model), device, threads), model);
}
