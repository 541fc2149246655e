import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { sameShape, showShape } from '../base/shapes.js';
import { decodeSafetensors, encodeSafetensors } from '../engine/files/safetensors.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors } from '../engine/runtime/runtime.js';
import { learntSegmenterNames, segmenterPrefix, segmenterSpecs } from '../model/segmenter-network.js';
import { initialise } from '../nn/parameters.js';
import { momentNames, zeroMoments } from '../training/adam.js';
import {
  bestCheckpointPath,
  newestCheckpoint,
  writeCheckpointFile,
} from '../training/checkpoint-files.node.js';
import { withPrefix } from '../training/networks.js';
import { type SegmentationConfiguration, segmenterOf } from './segmenter-configuration.js';

const bestSchema = z.object({ iteration: z.number(), dice: z.number() }).nullable();
const metadataSchema = z.object({
  kind: z.literal('segmenter'),
  iteration: z.coerce.number().int().min(0),
  best: z.string(),
});

/** Everything that a segmenter's training changes. */
export interface SegmenterState<Values extends HeldTensors = Tensors> {
  /** Updates done. */
  readonly iteration: number;
  /** The network `S.*` and Adam's moments, by name. */
  readonly tensors: Values;
  /** The validation that chose the best checkpoint: mean Dice over regions and patients. */
  readonly best: { readonly iteration: number; readonly dice: number } | null;
}

/** A segmenter before its first update. */
export function startSegmenter(configuration: SegmentationConfiguration): SegmenterState {
  const model = segmenterOf(configuration);
  const network = withPrefix('S', initialise(segmenterSpecs(model), configuration.seed, 'segmenter'));
  const learnt = learntSegmenterNames(model).map((name) => [name, network[name]!] as const);
  return { iteration: 0, tensors: { ...network, ...zeroMoments(Object.fromEntries(learnt)) }, best: null };
}

/** Writes a state as the newest checkpoint. @throws UtadError io. */
export async function saveSegmenter(
  folder: string,
  state: SegmenterState,
  configuration: SegmentationConfiguration,
): Promise<void> {
  await writeCheckpointFile(folder, state.iteration, encodeState(state, configuration));
}

/** Writes a state as the best one so far. @throws UtadError io. */
export async function saveBestSegmenter(
  folder: string,
  state: SegmenterState,
  configuration: SegmentationConfiguration,
): Promise<void> {
  await writeFileAtomic(bestCheckpointPath(folder), encodeState(state, configuration));
}

/** The newest state of a folder that can be read, or null. @throws UtadError bad-file when none can. */
export function latestSegmenter(
  folder: string,
  configuration: SegmentationConfiguration,
): Promise<SegmenterState | null> {
  return newestCheckpoint(folder, (path) => loadSegmenter(path, configuration));
}

/** Reads a checkpoint back. @throws UtadError not-found, or bad-file when it is damaged or another's. */
export async function loadSegmenter(
  path: string,
  configuration: SegmentationConfiguration,
): Promise<SegmenterState> {
  const { tensors, metadata } = decodeSafetensors(await readFileBytes(path), path);
  const state = readMetadata(metadata);
  if (state === undefined) {
    const [expected, got] = ['a checkpoint of a segmenter', 'another safetensors file'];
    return fail('bad-file', { where: path, expected, got });
  }
  requireTensors(path, tensors, configuration);
  return { ...state, tensors };
}

function readMetadata(metadata: unknown): Omit<SegmenterState, 'tensors'> | undefined {
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) return undefined;
  try {
    const best = bestSchema.safeParse(JSON.parse(parsed.data.best));
    return best.success ? { iteration: parsed.data.iteration, best: best.data } : undefined;
  } catch {
    return undefined;
  }
}

function requireTensors(where: string, tensors: Tensors, configuration: SegmentationConfiguration): void {
  for (const { name, shape, role } of segmenterSpecs(segmenterOf(configuration))) {
    const own = `${segmenterPrefix}${name}`;
    for (const wanted of role === 'weight' ? [own, ...momentNames(own)] : [own]) {
      const value = tensors[wanted];
      if (value !== undefined && sameShape(value.shape, shape)) continue;
      fail('bad-file', {
        where,
        expected: `a tensor ${wanted} of ${showShape(shape)}`,
        got: value === undefined ? 'none' : showShape(value.shape),
        todo: 'The file belongs to another configuration.',
      });
    }
  }
}

function encodeState(state: SegmenterState, configuration: SegmentationConfiguration): Uint8Array {
  return encodeSafetensors(state.tensors, {
    kind: 'segmenter',
    iteration: String(state.iteration),
    best: JSON.stringify(state.best),
    configuration: JSON.stringify(configuration),
  });
}
