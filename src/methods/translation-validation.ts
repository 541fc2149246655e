import { fail } from '../base/errors.js';
import { groupBy } from '../base/group-by.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { meanAbsoluteError } from '../metrics/intensity-errors.js';
import { pearsonCorrelation } from '../metrics/linear-fit.js';
import { createSsim } from '../metrics/ssim.js';
import { toUnit } from '../metrics/unit-value.js';
import { contextPlanes } from '../model/context-input.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import type { Validation, Validator } from '../training/method.js';
import type { SampleRow } from '../training/sample-sheet.js';
import type { TrainingConfiguration } from '../training/training-configuration.js';
import { type BatchTranslator, createBatchTranslator } from './batch-translator.js';
import {
  correlationMerit,
  type DirectionScore,
  directionTable,
  type Figures,
  scalarsOf,
  type TranslationScore,
  translationFiguresSchema,
  translationScoreSchema,
  validationMerit,
} from './translation-score.js';
import { chooseValidationSlices, type ValidationSlice } from './validation-slices.js';

/** How many slices a sample sheet shows. */
const sampleCount = 4;

/** How a translator is scored while it trains. @param inference its network in use */
export function translationValidation(
  configuration: TrainingConfiguration,
  model: ModelConfiguration,
  inference: (batchSize: number) => Graph,
): Validation<TranslationScore, readonly ValidationSlice[]> {
  const {
    model: { modalities, network, contextSlices = 0 },
    schedule: { batchSize },
    data: { minimumBrainFraction },
  } = configuration;
  return {
    scoreSchema: translationScoreSchema,
    figuresSchema: translationFiguresSchema,
    merit: network === 'any-source' ? correlationMerit : validationMerit,
    describe: ({ ssim, mae, correlation }) =>
      `ssim ${ssim.toFixed(3)} mae ${mae.toFixed(3)} r ${correlation.toFixed(3)}`,
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
      {
        title: 'Correlation of held-out patients with the truth, mean over directions',
        label: 'r',
        caption:
          'Correlation with the truth in the brain of held-out patients; higher is better, a constant has none.',
        value: ({ correlation }) => correlation,
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
  const figuresOf = (
    usable: readonly ValidationSlice[],
    translated: readonly Float32Array[],
    target: number,
  ): Figures => {
    const scored = usable.map((slice, i): ScoredSlice => {
      const [truth, guess] = [slice.images[target]!.map(toUnit), translated[i]!.map(toUnit)];
      return { caseId: slice.caseId, truth, guess, brain: slice.brains[target]! };
    });
    const mean = (of: (one: ScoredSlice) => number): number =>
      scored.reduce((total, one) => total + of(one), 0) / scored.length;
    return {
      ssim: mean(({ truth, guess }) => ssim.mean(ssim.map(truth, guess))),
      mae: mean(({ truth, guess, brain }) => meanAbsoluteError(truth, guess, brain)),
      correlation: meanCorrelation(scored),
    };
  };

  return {
    score: async (generator) => {
      const scores: DirectionScore[] = [];
      const allButOne: TranslationScore['allButOne'] = [];
      const samples = slices.slice(0, sampleCount);
      const translations = new Map<string, Float32Array>();
      const key = (slice: ValidationSlice, source: number, target: number): string =>
        `${samples.indexOf(slice)} ${source} ${target}`;
      for (const { source, target } of allDirections(modalities.length)) {
        const usable = slices.filter(({ images }) => images[source] !== null && images[target] !== null);
        if (usable.length === 0) continue;
        const translated = await translateAll(translator, generator, usable, [source], target, model);
        usable.forEach((slice, i) => {
          if (samples.includes(slice)) translations.set(key(slice, source, target), translated[i]!);
        });
        scores.push({ source, target, ...figuresOf(usable, translated, target), slices: usable.length });
      }
      for (const target of model.network === 'any-source' ? modalities.keys() : []) {
        const others = [...modalities.keys()].filter((one) => one !== target);
        const usable = slices.filter(
          ({ images }) => images[target] !== null && others.some((one) => images[one] !== null),
        );
        if (usable.length === 0) continue;
        const translated = await translateAll(translator, generator, usable, others, target, model);
        allButOne.push({ target, ...figuresOf(usable, translated, target), slices: usable.length });
      }
      return {
        score: { ...meanOfMeans([scores, allButOne]), directions: scores, allButOne },
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

/** The mean of the means of groups; groups that are empty do not count. */
function meanOfMeans(groups: readonly (readonly Figures[])[]): Figures {
  const filled = groups.filter(({ length }) => length > 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0) / values.length;
  const of = (name: keyof Figures): number =>
    mean(filled.map((group) => mean(group.map((one) => one[name]))));
  return { ssim: of('ssim'), mae: of('mae'), correlation: of('correlation') };
}

/** The mean over patients of the correlation in the brain; 0 where nothing varies. */
function meanCorrelation(slices: readonly ScoredSlice[]): number {
  const each = [...groupBy(slices, ({ caseId }) => caseId).values()].map((own) => {
    const pixels = own[0].brain.length;
    const [truth, guess] = [new Float32Array(own.length * pixels), new Float32Array(own.length * pixels)];
    const brain = new Uint8Array(own.length * pixels);
    own.forEach((one, i) => {
      truth.set(one.truth, i * pixels);
      guess.set(one.guess, i * pixels);
      brain.set(one.brain, i * pixels);
    });
    return pearsonCorrelation(truth, guess, brain) ?? 0;
  });
  return each.reduce((total, value) => total + value, 0) / each.length;
}

/** A translated slice and its truth on [0, 1], and where the truth has brain; all [S,S]. */
interface ScoredSlice {
  readonly caseId: string;
  readonly truth: Float32Array;
  readonly guess: Float32Array;
  readonly brain: Uint8Array;
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

/** @param sources one, or all that a network of any sources is given where a patient has them */
async function translateAll(
  translator: BatchTranslator,
  generator: Tensors,
  slices: readonly ValidationSlice[],
  sources: readonly number[],
  target: number,
  model: ModelConfiguration,
): Promise<Float32Array[]> {
  const pixels = model.sliceSide ** 2;
  const [source, ...others] = sources as [number, ...number[]];
  const around = contextPlanes(model) * pixels;
  const contextSlices = new Float32Array(slices.length * around);
  const masks = new Uint8Array(slices.length * pixels);
  const imagesOf = (modality: number): Float32Array => {
    const images = new Float32Array(slices.length * pixels).fill(-1);
    slices.forEach((slice, i) => {
      const image = slice.images[modality];
      if (image) images.set(image, i * pixels);
    });
    return images;
  };
  slices.forEach((slice, i) => {
    const beside = slice.contextSlices[source];
    if (beside) contextSlices.set(beside, i * around);
    masks.set(slice.tumour, i * pixels);
  });
  const translated = await translator.translate(generator, {
    images: imagesOf(source),
    others: new Map(others.map((modality) => [modality, imagesOf(modality)])),
    contextSlices,
    masks,
    source,
    target,
  });
  return slices.map((slice, i) => {
    const values = translated.slice(i * pixels, (i + 1) * pixels);
    // Background is known: it is where no source has brain.
    const brains = sources.flatMap((one) => slice.brains[one] ?? []);
    for (let p = 0; p < pixels; p++) if (!brains.some((brain) => brain[p])) values[p] = -1;
    return values;
  });
}

function allDirections(count: number): { source: number; target: number }[] {
  return Array.from({ length: count * count }, (_, i) => ({
    source: Math.floor(i / count),
    target: i % count,
  })).filter(({ source, target }) => source !== target);
}
