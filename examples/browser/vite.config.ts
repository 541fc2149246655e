import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const runtime = dirname(
  createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'),
);

// ONNX Runtime's files lie beside the page, 14 MB for the processor and 27 MB for the graphics card; a browser fetches
// what it needs.
for (const name of ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'])
  for (const ending of ['mjs', 'wasm'])
    cpSync(join(runtime, `${name}.${ending}`), join(here, 'public/onnxruntime', `${name}.${ending}`));

export default defineConfig({
  root: here,
  base: './',
  // They are not bundled a second time.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: { target: 'es2023' },
  // Threads need a page that is isolated.
  preview: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
});
