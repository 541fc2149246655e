import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/safetensors.js';
import { bestCheckpointPath, newestCheckpoint, writeCheckpointFile } from './checkpoint-files.node.js';
import { modelOf, type TrainingConfiguration } from './configuration.js';
import { requireNetwork } from './networks.js';
import { requireState, type TrainingState } from './state.js';

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
  return writeCheckpointFile(folder, state.iteration, encodeState(state, configuration));
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
  requireState(path, state, modelOf(configuration, state.stage), modelOf(configuration, 'teacher'));
  return state;
}

/** The latest checkpoint of a stage that can be read, or null when there is none. */
export async function latestCheckpoint(
  folder: string,
  configuration: TrainingConfiguration,
): Promise<TrainingState | null> {
  return newestCheckpoint(folder, (path) => loadWhole(path, configuration));
}

/** A checkpoint to continue from also holds the generator's moving average, where the run keeps one. */
async function loadWhole(path: string, configuration: TrainingConfiguration): Promise<TrainingState> {
  const state = await loadCheckpoint(path, configuration);
  if (configuration.averageDecay > 0)
    requireNetwork(path, 'averageG', state.tensors, modelOf(configuration, state.stage));
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
