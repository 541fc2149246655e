import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/files/safetensors.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { bestCheckpointPath, newestCheckpoint, writeCheckpointFile } from './checkpoint-files.node.js';
import { modelOf, type TrainingConfiguration } from './configuration.js';
import { requireNetwork } from './networks.js';
import { requireState, type TrainingState } from './state.js';
import type { Stage } from './update-setup.js';

const metadataSchema = z.object({
  stage: z.string(),
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
  state: TrainingState<Tensors, string>,
  configuration: TrainingConfiguration,
): Promise<string> {
  return writeCheckpointFile(folder, state.iteration, encodeState(state, configuration));
}

/** Writes the state as the best one so far. @throws UtadError io. */
export async function saveBest(
  folder: string,
  state: TrainingState<Tensors, string>,
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
  const state = await readCheckpoint<Stage>(path, ['teacher', 'student']);
  requireState(path, state, modelOf(configuration, state.stage), modelOf(configuration, 'teacher'));
  return state;
}

/**
 * Reads a state of some kind without a look at its tensors.
 *
 * @throws UtadError not-found, or bad-file when it is damaged or of none of these kinds.
 */
export async function readCheckpoint<Kind extends string>(
  path: string,
  kinds: readonly Kind[],
): Promise<TrainingState<Tensors, Kind>> {
  const { tensors, metadata } = decodeSafetensors(await readFileBytes(path), path);
  const parsed = metadataSchema.safeParse(metadata);
  const kind = kinds.find((one) => one === parsed.data?.stage);
  if (!parsed.success || kind === undefined) {
    return fail('bad-file', {
      where: path,
      expected: 'a checkpoint of a training',
      got: 'another safetensors file',
    });
  }
  return { ...parsed.data, stage: kind, tensors };
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

function encodeState(
  state: TrainingState<Tensors, string>,
  configuration: TrainingConfiguration,
): Uint8Array {
  return encodeSafetensors(state.tensors, {
    stage: state.stage,
    iteration: String(state.iteration),
    generatorUpdates: String(state.generatorUpdates),
    best: JSON.stringify(state.best),
    configuration: JSON.stringify(configuration),
  });
}
