import { type Connection, connect } from '../channel/connect.js';
import type { ImageWork } from './image-worker.js';
import type { TranslateWork } from './translate-worker.js';

/** Starts the worker that reads, writes and compares images. */
export function startImageWorker(): Connection<ImageWork> {
  return connect<ImageWork>(
    new Worker(new URL('./image-worker.ts', import.meta.url), { type: 'module', name: 'images' }),
  );
}

/** Starts a worker that translates; ending it is how a translation is cancelled and its memory freed. */
export function startTranslateWorker(): Connection<TranslateWork> {
  return connect<TranslateWork>(
    new Worker(new URL('./translate-worker.ts', import.meta.url), { type: 'module', name: 'translation' }),
  );
}
