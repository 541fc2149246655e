import { fail, UtadError } from '../base/errors.js';
import { loadWebOrt, type WebDevice, type WebRuntimeOptions } from '../engine/runtime.web.js';
import type { LoadedModel } from './loaded-model.js';
import { agreement, createModelSession, farthest, type ModelSession, tryOut } from './model-session.js';
import { readModelMetadata } from './read-model.js';
import { translateSlices } from './translate-slices.js';

/** Settings of {@link loadWebModel}. */
export interface WebModelOptions {
  readonly device: WebDevice;
  /** Gives a device its runtime's settings; the graphics card is compared with the processor, so it may need both. */
  readonly optionsOf: (device: WebDevice) => Promise<WebRuntimeOptions>;
}

/** Slices at once; more take more memory and are no faster. */
const batchSize = 4;

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
  { device, optionsOf }: WebModelOptions,
): Promise<LoadedModel> {
  const metadata = readModelMetadata(bytes, where);
  const open = async (name: WebDevice): Promise<ModelSession> =>
    createModelSession(await loadWebOrt(name, await optionsOf(name)), bytes, where, name);
  const session = device === 'wasm' ? await open('wasm') : await openAgreeing(device, open, metadata.model);
  return {
    metadata,
    device: session.device,
    translateSlices: (slices, source, target, onProgress) =>
      translateSlices(session.network, metadata.model, slices, source, target, {
        batchSize,
        ...(onProgress ? { onProgress } : {}),
      }),
    close: session.close,
  };
}

async function openAgreeing(
  device: WebDevice,
  open: (name: WebDevice) => Promise<ModelSession>,
  model: Parameters<typeof tryOut>[1],
): Promise<ModelSession> {
  const processor = await open('wasm');
  const expected = await tryOut(processor, model);
  await processor.close();
  let session: ModelSession | undefined;
  let failure: string;
  try {
    session = await open(device);
    const difference = farthest(await tryOut(session, model), expected);
    if (difference <= agreement) return session;
    failure = `a difference of ${difference.toPrecision(2)}`;
  } catch (cause) {
    failure = cause instanceof UtadError ? cause.detail.got : String(cause);
  }
  await session?.close().catch(() => undefined);
  return fail('not-supported', {
    where: `device ${device}`,
    expected: 'to compute this model as the processor does',
    got: failure,
    todo: 'Choose the processor.',
  });
}
