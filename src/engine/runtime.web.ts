import { openProgram } from './onnx-session.js';
import type { Runtime } from './runtime.js';
import { writeOnnx } from './write-onnx.js';

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
}

/**
 * ONNX Runtime in a browser. `wasm` loads 14 MB, `webgpu` 27 MB.
 *
 * @throws UtadError not-supported at the first program, where the browser has no such device.
 */
export async function createWebRuntime(device: WebDevice, options: WebRuntimeOptions): Promise<Runtime> {
  const ort =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.wasm.wasmPaths = options.files;
  ort.env.wasm.numThreads = options.threads ?? 1;
  ort.env.logLevel = 'error';
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
