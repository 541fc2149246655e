import { fail } from '../base/errors.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { meanAbsoluteError } from '../metrics/intensity-errors.js';
import { createSsim } from '../metrics/ssim.js';
import { toUnit } from '../metrics/unit-value.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { neighbourPlanes } from '../model/neighbours.js';
import { type BatchTranslator, createBatchTranslator, translationGraph } from './translate-batches.js';
import type { Stage } from './update-setup.js';

/** One slice of a held-out patient in all modalities that the patient has. */
export interface ValidationSlice {
  readonly caseId: string;
  /** Slices [S,S] in [−1, 1], in the network's order of modalities; null where the patient lacks one. */
  readonly images: readonly (Float32Array | null)[];
  /** Slices below and above, [2k,S,S], for each modality that is there; without values for networks that see none. */
  readonly neighbours: readonly (Float32Array | null)[];
  /** [S,S], 1 in the brain, for each modality that is there. */
  readonly brains: readonly (Uint8Array | null)[];
  /** [S,S], 1 in the whole tumour. */
  readonly tumour: Uint8Array;
}

/** Figures of one direction, means over its slices, on the [0, 1] scale. */
export interface DirectionScore {
  readonly source: number;
  readonly target: number;
  readonly ssim: number;
  readonly mae: number;
  readonly slices: number;
}

/** Figures of a validation; the means leave identity out. */
export interface ValidationScore {
  readonly ssim: number;
  readonly mae: number;
  readonly directions: readonly DirectionScore[];
}

/** One slice with its translations: `made[source][target]`, null where nothing was translated. */
export interface SampleRow {
  readonly slice: ValidationSlice;
  readonly made: readonly (readonly (Float32Array | null)[])[];
}

/** Translates held-out slices with the networks of a running training. */
export interface Validator {
  /** Figures over all slices and directions, and the translations of the first slices for a sheet. */
  readonly score: (generator: Tensors) => Promise<{ score: ValidationScore; samples: SampleRow[] }>;
  readonly close: () => Promise<void>;
}

/** How many slices a sample sheet shows. */
const sampleCount = 4;

/**
 * Compiles the generator in evaluation mode. A teacher is given the true masks, a student none.
 *
 * @param slices of held-out patients; at least one with two modalities
 * @throws UtadError bad-argument when no direction has a truth to compare with.
 */
export async function createValidator(
  runtime: Runtime,
  stage: Stage,
  model: ModelConfiguration,
  batchSize: number,
  slices: readonly ValidationSlice[],
): Promise<Validator> {
  const graph = translationGraph(stage, model, batchSize);
  const translator = await createBatchTranslator(runtime, graph, model, batchSize);
  const directions = allDirections(model.modalities.length);
  if (!slices.some(({ images }) => images.filter((image) => image !== null).length > 1)) {
    fail('bad-argument', {
      where: 'validation',
      expected: 'a held-out patient with at least two modalities',
      got: 'none',
      todo: 'Give more patients, or another split.',
    });
  }
  const ssim = createSsim(model.sliceSide, model.sliceSide, { valueRange: 1 });

  return {
    score: async (generator) => {
      const scores: DirectionScore[] = [];
      const samples: SampleRow[] = slices.slice(0, sampleCount).map((slice) => ({
        slice,
        made: model.modalities.map(() => model.modalities.map(() => null)),
      }));
      for (const { source, target } of directions) {
        const usable = slices.filter(({ images }) => images[source] !== null && images[target] !== null);
        const made = await translateAll(translator, generator, usable, source, target, model);
        let [similarity, error] = [0, 0];
        usable.forEach((slice, i) => {
          const [truth, guess] = [slice.images[target]!.map(toUnit), made[i]!.map(toUnit)];
          similarity += ssim.mean(ssim.map(truth, guess));
          error += meanAbsoluteError(truth, guess, slice.brains[target]!);
          const row = samples.find((sample) => sample.slice === slice);
          if (row !== undefined) (row.made[source] as (Float32Array | null)[])[target] = made[i]!;
        });
        const count = usable.length;
        if (count > 0)
          scores.push({ source, target, ssim: similarity / count, mae: error / count, slices: count });
      }
      const mean = (value: (one: DirectionScore) => number): number =>
        scores.reduce((total, one) => total + value(one), 0) / scores.length;
      return {
        score: { ssim: mean((one) => one.ssim), mae: mean((one) => one.mae), directions: scores },
        samples,
      };
    },
    close: translator.close,
  };
}

async function translateAll(
  translator: BatchTranslator,
  generator: Tensors,
  slices: readonly ValidationSlice[],
  source: number,
  target: number,
  model: ModelConfiguration,
): Promise<Float32Array[]> {
  const pixels = model.sliceSide ** 2;
  const around = neighbourPlanes(model) * pixels;
  const neighbours = new Float32Array(slices.length * around);
  const images = new Float32Array(slices.length * pixels);
  const masks = new Uint8Array(slices.length * pixels);
  slices.forEach((slice, i) => {
    images.set(slice.images[source]!, i * pixels);
    neighbours.set(slice.neighbours[source]!, i * around);
    masks.set(slice.tumour, i * pixels);
  });
  const made = await translator.translate(generator, { images, neighbours, masks, source, target });
  return slices.map((slice, i) => {
    const values = made.slice(i * pixels, (i + 1) * pixels);
    // Background is known: it is where the source has none.
    for (let p = 0; p < pixels; p++) if (!slice.brains[source]![p]) values[p] = -1;
    return values;
  });
}

function allDirections(count: number): { source: number; target: number }[] {
  return Array.from({ length: count * count }, (_, i) => ({
    source: Math.floor(i / count),
    target: i % count,
  })).filter(({ source, target }) => source !== target);
}
