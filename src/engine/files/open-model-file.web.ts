import { problemOf, refuse, UtadError } from '../../base/errors.js';
import { loadWebOrt, type WebDevice, type WebRuntimeOptions } from '../runtime/runtime.web.js';
import { farthest, type ModelFile, type ModelFilePlan, openOn } from './model-file.js';

/** Gives a device its runtime's settings, when it is that device's turn. */
export type WebOptionsOf = (device: WebDevice) => Promise<WebRuntimeOptions>;

/**
 * Loads a network in a browser. The graphics card must first agree with the processor on the trial.
 *
 * @throws UtadError bad-file when the file is damaged or has other inputs or outputs, not-supported when the device
 *   does not run the network or disagrees with the processor.
 */
export async function openWebModelFile(
  bytes: Uint8Array,
  plan: ModelFilePlan,
  device: WebDevice,
  optionsOf: WebOptionsOf,
): Promise<ModelFile> {
  const open = async (name: WebDevice): Promise<ModelFile> =>
    openOn(await loadWebOrt(name, await optionsOf(name)), bytes, plan, name);
  const processor = await open('wasm');
  if (device === 'wasm') return processor;
  const expected = await processor.run(plan.trial);
  await processor.close();
  let file: ModelFile | undefined;
  let failure: string;
  try {
    file = await open(device);
    const difference = farthest(await file.run(plan.trial), expected);
    if (difference <= plan.agreement) return file;
    failure = `a difference of ${difference.toPrecision(2)}`;
  } catch (cause) {
    failure = cause instanceof UtadError ? problemOf(cause.detail) : String(cause);
  }
  await file?.close().catch(() => undefined);
  return refuse('not-supported', {
    where: `device ${device}`,
    problem: `it does not compute this model as the processor does: ${failure}`,
    todo: 'Choose the processor.',
  });
}
