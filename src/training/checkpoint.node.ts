import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/safetensors.js';
import { modelOf, type TrainingConfiguration } from './configuration.js';
import { requireNetwork } from './networks.js';
import { requireState, type TrainingState } from './state.js';

/** Checkpoints beside the best one that are kept: the last, and the one before in case the last is broken. */
const keptCheckpoints = 2;
const bestName = 'best.safetensors';
const namePattern = /^iteration-(\d{7})\.safetensors$/;

/** What a process that was killed while it wrote a checkpoint leaves; it is as large as one. */
const begunPattern = /\.safetensors\.[0-9a-f]{8}\.tmp$/;

const metadataSchema = z.object({
  stage: z.enum(['teacher', 'student']),
  iteration: z.coerce.number().int().min(0),
  generatorUpdates: z.coerce.number().int().min(0),
  best: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(z.object({ iteration: z.number(), ssim: z.number(), mae: z.number() }).nullable()),
});

/** Where a stage's checkpoints lie. */
export function checkpointPath(folder: string, iteration: number): string {
  return join(folder, `iteration-${String(iteration).padStart(7, '0')}.safetensors`);
}

/** Where the checkpoint with the best validation lies. */
export const bestCheckpointPath = (folder: string): string => join(folder, bestName);

/**
 * Writes the whole state with the configuration, then removes older checkpoints and what was left of begun ones.
 *
 * @throws UtadError io when it cannot be written; earlier checkpoints are untouched then.
 */
export async function saveCheckpoint(
  folder: string,
  state: TrainingState,
  configuration: TrainingConfiguration,
): Promise<string> {
  const path = checkpointPath(folder, state.iteration);
  await writeFileAtomic(path, encodeState(state, configuration));
  const names = (await readdir(folder)).sort();
  const older = names.filter((name) => namePattern.test(name)).slice(0, -keptCheckpoints);
  const begun = names.filter((name) => begunPattern.test(name));
  for (const name of [...older, ...begun]) await rm(join(folder, name), { force: true });
  return path;
}

/** Writes the state as the best one so far. @throws UtadError io. */
export async function saveBest(
  folder: string,
  state: TrainingState,
  configuration: TrainingConfiguration,
): Promise<void> {
  await writeFileAtomic(bestCheckpointPath(folder), encodeState(state, configuration));
}

/**
 * Reads a checkpoint back.
 *
 * @throws UtadError not-found, or bad-file when it is damaged or belongs to another configuration.
 */
export async function loadCheckpoint(
  path: string,
  configuration: TrainingConfiguration,
): Promise<TrainingState> {
  const { tensors, metadata } = decodeSafetensors(await readFileBytes(path), path);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    return fail('bad-file', {
      where: path,
      expected: 'a checkpoint of a training',
      got: 'another safetensors file',
    });
  }
  const state: TrainingState = { ...parsed.data, tensors };
  requireState(path, state, modelOf(configuration));
  return state;
}

/** The latest checkpoint of a stage that can be read, or null when there is none. */
export async function latestCheckpoint(
  folder: string,
  configuration: TrainingConfiguration,
): Promise<TrainingState | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newestFirst = names
    .filter((name) => namePattern.test(name))
    .sort()
    .reverse();
  let damage: unknown = null;
  for (const name of newestFirst) {
    try {
      return await loadWhole(join(folder, name), configuration);
    } catch (error) {
      damage ??= error;
    }
  }
  if (damage !== null) throw damage;
  return null;
}

/** A checkpoint to continue from also holds the generator's moving average, where the run keeps one. */
async function loadWhole(path: string, configuration: TrainingConfiguration): Promise<TrainingState> {
  const state = await loadCheckpoint(path, configuration);
  if (configuration.averageDecay > 0) requireNetwork(path, 'averageG', state.tensors, modelOf(configuration));
  return state;
}

function encodeState(state: TrainingState, configuration: TrainingConfiguration): Uint8Array {
  return encodeSafetensors(state.tensors, {
    stage: state.stage,
    iteration: String(state.iteration),
    generatorUpdates: String(state.generatorUpdates),
    best: JSON.stringify(state.best),
    configuration: JSON.stringify(configuration),
  });
}
