/**
 * Translates uploaded NIfTI files, within limits:
 *
 *     PORT=3000 node server/main.js [model.onnx]
 *     curl --data-binary @p01_t1.nii.gz 'localhost:3000/translate?from=t1&to=flair' -o p01_flair-synthetic.nii.gz
 *
 * It listens on this computer alone. Before it is opened to a network it needs what every service with patients' data
 * needs: encryption, and to know who asks.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { loadModel, shippedModel } from 'utad-net';
import { createApp } from './app.js';

const number = (name: string, usual: number): number => Number(process.env[name] ?? usual);

const model = await loadModel(process.argv[2] ?? (await shippedModel()));
const app = createApp(model, {
  bytes: number('MAX_BYTES', 64 * 2 ** 20),
  voxels: number('MAX_VOXELS', 2 ** 25),
  seconds: number('MAX_SECONDS', 120),
  requests: number('MAX_REQUESTS', 4),
});
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: number('PORT', 3000) }, (address) =>
  console.log(`http://127.0.0.1:${(address as AddressInfo).port}`),
);
// Answers what it has begun, then ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => server.close(() => void model.close()));
