import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/files/safetensors.js';
import { bestCheckpointPath, newestCheckpoint, writeCheckpointFile } from './checkpoint-files.node.js';
import type { FiguresOf, StateShape, TrainingState } from './state.js';
import { requireState } from './state.js';

/** What of a method its checkpoints depend on. */
export interface CheckpointOwner<Score> extends StateShape {
  readonly configuration: unknown;
  readonly validation: { readonly figuresSchema: z.ZodType<FiguresOf<Score>> };
}

const metadataSchema = z
  .looseObject({
    method: z.string().optional(),
    /** In the place of `method` in checkpoints of version 0.1.0: `stage` of translators, `kind` of segmenters. */
    stage: z.string().optional(),
    kind: z.string().optional(),
    iteration: z.coerce.number().int().min(0),
    best: z.string().transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    }),
  })
  .transform(({ method, stage, kind, iteration, best }) => ({
    method: method ?? stage ?? kind,
    iteration,
    best,
  }));
const bestSchema = z.looseObject({ iteration: z.int().min(0) });

/**
 * Writes the whole state with the configuration, then removes older checkpoints and what was left of begun ones.
 *
 * @throws UtadError io when it cannot be written; earlier checkpoints are untouched then.
 */
export async function saveCheckpoint<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
  state: TrainingState<Score>,
): Promise<string> {
  return writeCheckpointFile(folder, state.iteration, encodeState(method, state));
}

/** Writes the state as the best one so far. @throws UtadError io. */
export async function saveBest<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
  state: TrainingState<Score>,
): Promise<void> {
  await writeFileAtomic(bestCheckpointPath(folder), encodeState(method, state));
}

/** The latest state of a folder that can be read; null when there is none. @throws UtadError bad-file when none can. */
export async function latestCheckpoint<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
): Promise<TrainingState<Score> | null> {
  return newestCheckpoint(folder, (path) => loadCheckpoint(path, method));
}

/** The state that validated best. @throws UtadError not-found or bad-file. */
export async function loadBest<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
): Promise<TrainingState<Score>> {
  return loadCheckpoint(bestCheckpointPath(folder), method);
}

/**
 * Reads a checkpoint back.
 *
 * @throws UtadError not-found, or bad-file when it is damaged, or of another method or configuration.
 */
export async function loadCheckpoint<Score>(
  path: string,
  method: CheckpointOwner<Score>,
): Promise<TrainingState<Score>> {
  const { tensors, metadata } = decodeSafetensors(await readFileBytes(path), path);
  const parsed = metadataSchema.safeParse(metadata);
  const name = parsed.data?.method;
  if (!parsed.success || name === undefined) {
    const [expected, got] = ['a checkpoint of a training', 'another safetensors file'];
    return fail('bad-file', { where: path, expected, got });
  }
  if (name !== method.name)
    fail('bad-file', { where: path, expected: `a checkpoint of ${method.name}`, got: `one of ${name}` });
  const { iteration } = parsed.data;
  const best = parsed.data.best === null ? null : readBest(path, method, parsed.data.best);
  requireState(path, method, tensors);
  return { method: method.name, iteration, tensors, best };
}

function readBest<Score>(
  where: string,
  { validation }: CheckpointOwner<Score>,
  value: unknown,
): NonNullable<TrainingState<Score>['best']> {
  const [when, figures] = [bestSchema.safeParse(value), validation.figuresSchema.safeParse(value)];
  if (when.success && figures.success) return { ...figures.data, iteration: when.data.iteration };
  return fail('bad-file', {
    where,
    expected: 'the figures of the best validation',
    got: JSON.stringify(value),
  });
}

function encodeState<Score>(method: CheckpointOwner<Score>, state: TrainingState<Score>): Uint8Array {
  return encodeSafetensors(state.tensors, {
    method: state.method,
    iteration: String(state.iteration),
    best: JSON.stringify(state.best),
    configuration: JSON.stringify(method.configuration),
  });
}
