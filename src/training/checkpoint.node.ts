import { z } from 'zod';
import { fail, refuse, sentencesOf, UtadError } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import {
  decodeCheckedSafetensors,
  encodeCheckedSafetensors,
} from '../engine/files/checked-safetensors.node.js';
import { requireAgreement } from './agreement.js';
import {
  bestCheckpointPath,
  checkpointPath,
  newestCheckpoint,
  writeCheckpointFile,
} from './checkpoint-files.node.js';
import type { FiguresOf, StateShape, TrainingState } from './state.js';
import { requireState } from './state.js';

/** What of a method its checkpoints depend on. */
export interface CheckpointOwner<Score> extends StateShape {
  readonly configuration: unknown;
  /** Gives fields that a stored configuration lacks their defaults. @throws UtadError where it is none */
  readonly readConfiguration: (stored: unknown, where: string) => unknown;
  /** What it learns from, as plain values: patients, their split. Compared where it and the checkpoint say it. */
  readonly learnsFrom?: Readonly<Record<string, unknown>>;
  readonly validation: { readonly figuresSchema: z.ZodType<FiguresOf<Score>> };
}

const jsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'no JSON' });
    return z.NEVER;
  }
});

const metadataSchema = z
  .looseObject({
    method: z.string().optional(),
    /** In the place of `method` in checkpoints of version 0.1.0: `stage` of translators, `kind` of segmenters. */
    stage: z.string().optional(),
    kind: z.string().optional(),
    iteration: z.coerce.number().int().min(0),
    best: jsonText,
    configuration: jsonText,
    learnsFrom: jsonText.optional(),
  })
  .transform(({ method, stage, kind, ...rest }) => ({ method: method ?? stage ?? kind, ...rest }));
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

/**
 * The latest state of a folder that is whole; null when there is none.
 *
 * @param onNotice told which checkpoints are damaged, and which one is used
 * @throws UtadError bad-file when none is whole, bad-value when the run was changed since.
 */
export async function latestCheckpoint<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
  onNotice: (text: string) => void,
): Promise<TrainingState<Score> | null> {
  const damaged: string[] = [];
  const state = await newestCheckpoint(
    folder,
    (path) => loadCheckpoint(path, method),
    (damage) => damaged.push(damage.message),
  );
  for (const message of damaged)
    onNotice(`${message} The checkpoint of iteration ${state?.iteration ?? 0} is used instead.`);
  return state;
}

/**
 * Checks the state that validated best before a training goes on: at its end it would be too late. Where it is damaged
 * and is the same as a checkpoint that is kept, it is written again.
 *
 * @param state where the training goes on
 * @throws UtadError bad-file when it is damaged for good.
 */
export async function requireBest<Score>(
  folder: string,
  method: CheckpointOwner<Score>,
  { best }: TrainingState<Score>,
  onNotice: (text: string) => void,
): Promise<void> {
  if (best === null) return;
  try {
    await loadBest(folder, method);
  } catch (error) {
    if (!(error instanceof UtadError) || !['bad-file', 'io', 'not-found'].includes(error.code)) throw error;
    const same = checkpointPath(folder, best.iteration);
    const state = await loadCheckpoint(same, method).catch(() => null);
    if (state?.best?.iteration !== best.iteration) {
      refuse(
        'bad-file',
        {
          where: bestCheckpointPath(folder),
          problem: `${sentencesOf(error.detail)} It holds the best state, of iteration ${best.iteration}, and there is no other copy`,
          todo: 'Bring the file back from a copy of the run, or start a new run.',
        },
        { cause: error },
      );
    }
    await writeFileAtomic(bestCheckpointPath(folder), await readFileBytes(same));
    onNotice(`${error.message} It was written again from ${same}.`);
  }
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
 * @throws UtadError not-found, bad-file when it is damaged or of another method, bad-value when it was written
 *   with another configuration or other patients.
 */
export async function loadCheckpoint<Score>(
  path: string,
  method: CheckpointOwner<Score>,
): Promise<TrainingState<Score>> {
  const { tensors, metadata, isChecked } = decodeCheckedSafetensors(await readFileBytes(path), path);
  const parsed = metadataSchema.safeParse(metadata);
  const name = parsed.data?.method;
  if (!parsed.success || name === undefined) {
    const [expected, got] = ['a checkpoint of a training', 'another safetensors file'];
    return fail('bad-file', { where: path, expected, got });
  }
  if (name !== method.name)
    fail('bad-file', { where: path, expected: `a checkpoint of ${method.name}`, got: `one of ${name}` });
  const { iteration, configuration, learnsFrom } = parsed.data;
  // Version 0.1.0 did not compare, and some of its runs go on with fields that do not matter to them.
  if (isChecked)
    requireAgreement(path, {
      run: method.configuration,
      checkpoint: method.readConfiguration(configuration, path),
    });
  if (method.learnsFrom !== undefined && learnsFrom !== undefined)
    requireAgreement(path, { run: asJson(method.learnsFrom), checkpoint: learnsFrom });
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
  return encodeCheckedSafetensors(state.tensors, {
    method: state.method,
    iteration: String(state.iteration),
    best: JSON.stringify(state.best),
    configuration: JSON.stringify(method.configuration),
    ...(method.learnsFrom === undefined ? {} : { learnsFrom: JSON.stringify(method.learnsFrom) }),
  });
}

/** Plain values as a file gives them back: without what JSON leaves out. */
function asJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
