import { createHash } from 'node:crypto';
import { refuse } from '../base/errors.js';
import { readInput } from '../base/files.node.js';
import { type KeyedCache, keyedCache } from '../base/keyed-cache.js';
import type { Volume } from '../imaging/volume.js';
import { type LoadedSegmenter, loadSegmenterFile } from '../segmentation/segmenter.node.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import { loadSkullStripper, type SkullStripper } from '../translate/skull-strip.node.js';
import type { TranslateSettings } from './translation-job.js';

/** What translating volumes needs, loaded. */
export interface OpenModel {
  readonly model: LoadedModel;
  /** Finds the brain in a volume with its skull; absent without `--skull-strip`. */
  readonly findBrain?: (volume: Volume, where: string) => Promise<Volume>;
  /** Segments the tumour; absent without `--segmenter`. */
  readonly segmenter?: LoadedSegmenter;
  readonly close: () => Promise<void>;
}

/** Loads the model of the first settings that it is given, and keeps it. */
export function openModelOnce(): KeyedCache<TranslateSettings, OpenModel> {
  return keyedCache(
    ({ model, device, threads, skullStrip, check }: TranslateSettings) => [
      model,
      device,
      threads,
      skullStrip,
      check,
    ],
    open,
  );
}

async function open(settings: TranslateSettings): Promise<OpenModel> {
  await requireSameModel(settings.model);
  const threads = settings.threads === null ? {} : { threads: settings.threads };
  const model = await loadModel(settings.model.path, { device: settings.device, ...threads });
  const stripper: SkullStripper | undefined =
    settings.skullStrip === null ? undefined : await loadSkullStripper(settings.skullStrip, threads);
  const named = settings.check?.segmenter ?? null;
  if (named !== null) await requireSameModel(named);
  const segmenter = named === null ? undefined : await loadSegmenterFile(named.path, threads);
  return {
    model,
    ...(stripper ? { findBrain: stripper.findBrain } : {}),
    ...(segmenter ? { segmenter } : {}),
    close: async () => {
      await model.close();
      await stripper?.close();
      await segmenter?.close();
    },
  };
}

/** Sidecars name the model by its hash: it must be the one that was hashed. */
async function requireSameModel({ path, sha256 }: TranslateSettings['model']): Promise<void> {
  if ((await modelHash(path)) === sha256) return;
  refuse('bad-file', {
    where: path,
    problem: 'the model file has changed since the work began',
    todo: 'Start again.',
  });
}

/** SHA-256 of a model file, in hex. @throws UtadError not-found or io. */
export async function modelHash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readInput(path))
    .digest('hex');
}
