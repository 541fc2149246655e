import { requireArguments } from '../base/arguments.js';
import { chooseWebDevice, type WebDeviceWish } from '../engine/devices/devices.web.js';
import type { WebRuntimeOptions } from '../engine/runtime/runtime.web.js';
import type { LoadedModel } from './loaded-model.js';
import { loadWebModel } from './model.web.js';

/** Settings of {@link loadModel}. */
export interface LoadModelOptions {
  /**
   * Address of a folder of the page's own host with ONNX Runtime's `ort-wasm-simd-threaded*` files
   * (`onnxruntime-web/dist`), ending in `/`: 14 MB for `wasm`, 27 MB more for `webgpu`.
   */
  readonly runtimeFiles: string;
  /** `auto` unless given: the fastest that computes rightly. */
  readonly device?: WebDeviceWish;
  /** Of WebAssembly; as many as the page may have when left out: one, unless it is cross-origin isolated. */
  readonly threads?: number;
  /** The file's name, for messages. */
  readonly name?: string;
}

/**
 * Loads a model file in a browser, on a device that was compared with the reference first.
 *
 * @throws UtadError bad-file when the bytes are damaged or none of ours, not-supported when their format is newer or no
 *   device computes rightly.
 */
export async function loadModel(bytes: Uint8Array, options: LoadModelOptions): Promise<LoadedModel> {
  requireArguments('loadModel', { bytes: [bytes, 'bytes'], options: [options, 'object'] });
  requireArguments('loadModel', {
    'options.runtimeFiles': [options.runtimeFiles, 'text'],
    'options.device': [options.device, 'text?'],
    'options.name': [options.name, 'text?'],
  });
  const { device = 'auto', name = 'model', runtimeFiles, threads = usualThreads() } = options;
  const settings: WebRuntimeOptions = { files: runtimeFiles, threads };
  const optionsOf = async (): Promise<WebRuntimeOptions> => settings;
  const { serves } = await chooseWebDevice(device, { now: () => performance.now(), optionsOf });
  return loadWebModel(bytes, name, serves, optionsOf);
}

/** Threads share their memory, which browsers only allow on isolated pages; more than eight do not pay. */
export function usualThreads(): number {
  return globalThis.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1;
}
