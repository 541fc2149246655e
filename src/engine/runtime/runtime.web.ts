import { writeOnnx } from '../onnx/write-onnx.js';
import { type Ort, openProgram } from './onnx-session.js';
import type { Runtime } from './runtime.js';

/** What a browser computes with: its processor through WebAssembly, or its graphics card. */
export type WebDevice = 'wasm' | 'webgpu';

/** Settings of {@link createWebRuntime}. */
export interface WebRuntimeOptions {
  /**
   * Address of the folder with ONNX Runtime's `ort-wasm-simd-threaded.*` files (`onnxruntime-web/dist`), ending in
   * `/`. It must be the page's own origin; nothing is fetched from anywhere else.
   */
  readonly files: string;
  /**
   * Threads of WebAssembly; 1 when left out. More need a page that is cross-origin isolated (headers
   * Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp).
   */
  readonly threads?: number;
  /** The device's `.wasm` file ({@link wasmFileOf}) where it was fetched already; counts the first time only. */
  readonly wasm?: Uint8Array;
}

/** Name of the WebAssembly file that a device needs: 14 MB for `wasm`, 27 MB for `webgpu`. */
export function wasmFileOf(device: WebDevice): string {
  return device === 'webgpu' ? 'ort-wasm-simd-threaded.asyncify.wasm' : 'ort-wasm-simd-threaded.wasm';
}

/** Loads ONNX Runtime's package for a device of the browser. */
export async function loadWebOrt(
  device: WebDevice,
  { files, threads, wasm }: WebRuntimeOptions,
): Promise<Ort> {
  const ort =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.wasm.wasmPaths = files;
  ort.env.wasm.numThreads = threads ?? 1;
  ort.env.logLevel = 'error';
  if (wasm) ort.env.wasm.wasmBinary = wasm;
  return ort;
}

/**
 * ONNX Runtime in a browser. `wasm` loads 14 MB, `webgpu` 27 MB.
 *
 * @throws UtadError not-supported at the first program, where the browser has no such device.
 */
export async function createWebRuntime(device: WebDevice, options: WebRuntimeOptions): Promise<Runtime> {
  const ort = await loadWebOrt(device, options);
  const session = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
  const operators = device === 'wasm' ? 'all' : 'common';
  return {
    device,
    compile: (graph) => openProgram(ort, graph, writeOnnx(graph, { operators }), { session }),
  };
}
