import { z } from 'zod';
import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { meanAbsoluteError } from '../metrics/intensity-errors.js';
import { createSsim } from '../metrics/ssim.js';
import { toUnit } from '../metrics/unit-value.js';
import { contextPlanes } from '../model/context-input.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import type { ScoreTable, Validation, Validator } from '../training/method.js';
import type { SampleRow } from '../training/sample-sheet.js';
import type { Scalars } from '../training/tensorboard.js';
import type { TrainingConfiguration } from '../training/training-configuration.js';
import { type BatchTranslator, createBatchTranslator } from './batch-translator.js';
import { chooseValidationSlices, type ValidationSlice } from './validation-slices.js';

const index = z.int().min(0);
const figures = { ssim: z.number(), mae: z.number() };

/** Means over directions without identity, on the [0, 1] scale, and each direction's. */
export const translationScoreSchema = z.object({
  ...figures,
  directions: z.array(z.object({ source: index, target: index, ...figures, slices: index.default(0) })),
});

/** See {@link translationScoreSchema}. */
export type TranslationScore = Readonly<z.infer<typeof translationScoreSchema>>;

type DirectionScore = TranslationScore['directions'][number];

/** The figures of a score that a checkpoint keeps. */
const translationFiguresSchema = z.object(figures);

/**
 * How good a validation is: SSIM minus absolute error, both on the [0, 1] scale. SSIM alone is flattered by the
 * background and blind to a shift of all intensities.
 */
function validationMerit({ ssim, mae }: Pick<TranslationScore, 'ssim' | 'mae'>): number {
  return ssim - mae;
}

/** How many slices a sample sheet shows. */
const sampleCount = 4;

/** How a translator is scored while it trains. @param inference its network in use */
export function translationValidation(
  configuration: TrainingConfiguration,
  model: ModelConfiguration,
  inference: (batchSize: number) => Graph,
): Validation<TranslationScore, readonly ValidationSlice[]> {
  const {
    model: { modalities, contextSlices = 0 },
    schedule: { batchSize },
    data: { minimumBrainFraction },
  } = configuration;
  return {
    scoreSchema: translationScoreSchema,
    figuresSchema: translationFiguresSchema,
    merit: validationMerit,
    describe: ({ ssim, mae }) => `ssim ${ssim.toFixed(3)} mae ${mae.toFixed(3)}`,
    scalars: (score) => scalarsOf(score, modalities),
    details: (score) => directionTable(score, modalities),
    charts: [
      {
        title: 'SSIM of held-out slices, mean over directions',
        label: 'SSIM',
        caption: 'Structural similarity on held-out patients; higher is better.',
        value: ({ ssim }) => ssim,
      },
      {
        title: 'Absolute error of held-out slices, mean over directions',
        label: 'MAE',
        caption: 'Absolute error in the brain on held-out patients; lower is better.',
        value: ({ mae }) => mae,
      },
    ],
    choose: (patient: PreparedPatient, most) =>
      chooseValidationSlices(patient, modalities, most, minimumBrainFraction, contextSlices),
    open: (runtime, held) =>
      createTranslationValidator(runtime, inference(batchSize), model, batchSize, patientsInTurn(held)),
  };
}

/** The first slices of all patients, then the second ones, and so on: sample sheets show the first ones. */
function patientsInTurn(held: readonly (readonly ValidationSlice[])[]): ValidationSlice[] {
  const most = Math.max(0, ...held.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => held.flatMap((slices) => slices[i] ?? [])).flat();
}

function scalarsOf({ ssim, mae, directions }: TranslationScore, modalities: readonly string[]): Scalars {
  const each = directions.flatMap((one) => {
    const direction = `${modalities[one.source]} to ${modalities[one.target]}`;
    return [
      [`ssim/${direction}`, one.ssim],
      [`mae/${direction}`, one.mae],
    ] as const;
  });
  return { 'validation/ssim': ssim, 'validation/mae': mae, ...Object.fromEntries(each) };
}

function directionTable(
  { ssim, mae, directions }: TranslationScore,
  modalities: readonly string[],
): ScoreTable {
  const rows = directions.map((one) => [
    `${modalities[one.source]} → ${modalities[one.target]}`,
    one.ssim.toFixed(3),
    one.mae.toFixed(3),
    String(one.slices),
  ]);
  const mean = ['mean', ssim.toFixed(3), mae.toFixed(3), ''];
  return { head: ['direction', 'SSIM ↑', 'MAE ↓', 'slices'], rows: [...rows, mean] };
}

/**
 * Compiles a translation in evaluation mode. A teacher is given the true masks, a student none.
 *
 * @param graph see `Method.inference`
 * @param slices of held-out patients; at least one with two modalities
 * @throws UtadError bad-argument when no direction has a truth to compare with.
 */
async function createTranslationValidator(
  runtime: Runtime,
  graph: Graph,
  model: ModelConfiguration,
  batchSize: number,
  slices: readonly ValidationSlice[],
): Promise<Validator<TranslationScore>> {
  const translator = await createBatchTranslator(runtime, graph, model, batchSize);
  const { modalities, sliceSide } = model;
  if (!slices.some(({ images }) => images.filter((image) => image !== null).length > 1)) {
    fail('bad-argument', {
      where: 'validation',
      expected: 'a held-out patient with at least two modalities',
      got: 'none',
      todo: 'Give more patients, or another split.',
    });
  }
  const ssim = createSsim(sliceSide, sliceSide, { valueRange: 1 });

  return {
    score: async (generator) => {
      const scores: DirectionScore[] = [];
      const samples = slices.slice(0, sampleCount);
      const translations = new Map<string, Float32Array>();
      const key = (slice: ValidationSlice, source: number, target: number): string =>
        `${samples.indexOf(slice)} ${source} ${target}`;
      for (const { source, target } of allDirections(modalities.length)) {
        const usable = slices.filter(({ images }) => images[source] !== null && images[target] !== null);
        const translated = await translateAll(translator, generator, usable, source, target, model);
        let [similarity, error] = [0, 0];
        usable.forEach((slice, i) => {
          const [truth, guess] = [slice.images[target]!.map(toUnit), translated[i]!.map(toUnit)];
          similarity += ssim.mean(ssim.map(truth, guess));
          error += meanAbsoluteError(truth, guess, slice.brains[target]!);
          if (samples.includes(slice)) translations.set(key(slice, source, target), translated[i]!);
        });
        const count = usable.length;
        if (count > 0)
          scores.push({ source, target, ssim: similarity / count, mae: error / count, slices: count });
      }
      const mean = (value: (one: DirectionScore) => number): number =>
        scores.reduce((total, one) => total + value(one), 0) / scores.length;
      return {
        score: { ssim: mean((one) => one.ssim), mae: mean((one) => one.mae), directions: scores },
        samples: {
          side: sliceSide,
          columns: modalities.map((name) => `to ${name}`),
          rows: samples.flatMap((slice) =>
            sampleRows(slice, modalities, (source, target) => translations.get(key(slice, source, target))),
          ),
        },
      };
    },
    close: translator.close,
  };
}

/** A held-out slice with its translations: a row for each source, a column for each target, the real one on the diagonal. */
function sampleRows(
  slice: ValidationSlice,
  modalities: readonly string[],
  translated: (source: number, target: number) => Float32Array | undefined,
): SampleRow[] {
  return modalities.flatMap((name, source): SampleRow[] => {
    const image = slice.images[source];
    if (image === null || image === undefined) return [];
    const tiles = modalities.map((_, target) => {
      const values = source === target ? image : translated(source, target);
      if (values === undefined) return null;
      return { values, outline: slice.tumour, caption: source === target ? 'real' : 'translated' };
    });
    return [{ label: `${slice.caseId} from ${name}`, tiles }];
  });
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
  const around = contextPlanes(model) * pixels;
  const contextSlices = new Float32Array(slices.length * around);
  const images = new Float32Array(slices.length * pixels);
  const masks = new Uint8Array(slices.length * pixels);
  slices.forEach((slice, i) => {
    images.set(slice.images[source]!, i * pixels);
    contextSlices.set(slice.contextSlices[source]!, i * around);
    masks.set(slice.tumour, i * pixels);
  });
  const translated = await translator.translate(generator, { images, contextSlices, masks, source, target });
  return slices.map((slice, i) => {
    const values = translated.slice(i * pixels, (i + 1) * pixels);
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
