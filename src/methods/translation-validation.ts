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
/** Earlier versions did not look at the correlation: 0 stands for what is not known. */
const figures = { ssim: z.number(), mae: z.number(), correlation: z.number().default(0) };

/**
 * Means over directions without identity, on the [0, 1] scale, and each direction's. Of a network of any sources, the means of
 * these and of `allButOne`: each target from all other modalities that a patient has.
 */
export const translationScoreSchema = z.object({
  ...figures,
  directions: z.array(z.object({ source: index, target: index, ...figures, slices: index.default(0) })),
  allButOne: z.array(z.object({ target: index, ...figures, slices: index.default(0) })).default([]),
});

/** See {@link translationScoreSchema}. */
export type TranslationScore = Readonly<z.infer<typeof translationScoreSchema>>;

type DirectionScore = TranslationScore['directions'][number];

type Figures = Pick<TranslationScore, 'ssim' | 'mae' | 'correlation'>;

/** The figures of a score that a checkpoint keeps. */
const translationFiguresSchema = z.object(figures);

/**
 * How good a validation is: SSIM minus absolute error, both on the [0, 1] scale. SSIM alone is flattered by the
 * background and blind to a shift of all intensities.
 */
function validationMerit({ ssim, mae }: Pick<TranslationScore, 'ssim' | 'mae'>): number {
  return ssim - mae;
}

/** The merit of a network of any sources: its correlation with the truth, which no constant and no blur has. */
function correlationMerit({ correlation }: Pick<TranslationScore, 'correlation'>): number {
  return correlation;
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

function scalarsOf(
  { ssim, mae, correlation, directions }: TranslationScore,
  modalities: readonly string[],
): Scalars {
  const each = directions.flatMap((one) => {
    const direction = `${modalities[one.source]} to ${modalities[one.target]}`;
    return [
      [`ssim/${direction}`, one.ssim],
      [`mae/${direction}`, one.mae],
    ] as const;
  });
  return {
    'validation/ssim': ssim,
    'validation/mae': mae,
    'validation/correlation': correlation,
    ...Object.fromEntries(each),
  };
}

function directionTable(
  { directions, allButOne, ...means }: TranslationScore,
  modalities: readonly string[],
): ScoreTable {
  const row = (name: string, { ssim, mae, correlation }: Figures, slices: string): string[] => [
    name,
    ssim.toFixed(3),
    mae.toFixed(3),
    correlation === 0 ? '–' : correlation.toFixed(3),
    slices,
  ];
  return {
    head: ['direction', 'SSIM ↑', 'MAE ↓', 'correlation ↑', 'slices'],
    rows: [
      ...directions.map((one) =>
        row(`${modalities[one.source]} → ${modalities[one.target]}`, one, String(one.slices)),
      ),
      ...allButOne.map((one) => row(`all others → ${modalities[one.target]}`, one, String(one.slices))),
      row('mean', means, ''),
    ],
  };
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
    let [similarity, error] = [0, 0];
    const correlation = createCorrelation();
    usable.forEach((slice, i) => {
      const [truth, guess] = [slice.images[target]!.map(toUnit), translated[i]!.map(toUnit)];
      const brain = slice.brains[target]!;
      similarity += ssim.mean(ssim.map(truth, guess));
      error += meanAbsoluteError(truth, guess, brain);
      correlation.add(slice.caseId, truth, guess, brain);
    });
    const count = usable.length;
    return { ssim: similarity / count, mae: error / count, correlation: correlation.mean() };
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

/** Correlation in the brain, patient by patient. */
function createCorrelation() {
  const patients = new Map<string, { n: number; a: number; b: number; aa: number; bb: number; ab: number }>();
  return {
    add: (id: string, truth: Float32Array, guess: Float32Array, brain: Uint8Array): void => {
      const sums = patients.get(id) ?? { n: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
      for (let i = 0; i < brain.length; i++) {
        if (!brain[i]) continue;
        const [a, b] = [truth[i]!, guess[i]!];
        sums.n++;
        sums.a += a;
        sums.b += b;
        sums.aa += a * a;
        sums.bb += b * b;
        sums.ab += a * b;
      }
      patients.set(id, sums);
    },
    /** The mean of the patients' correlations; 0 where nothing varies. */
    mean: (): number => {
      const each = [...patients.values()].map(({ n, a, b, aa, bb, ab }) => {
        const spread = Math.sqrt(Math.max(0, aa - (a * a) / n) * Math.max(0, bb - (b * b) / n));
        return spread > 0 ? (ab - (a * b) / n) / spread : 0;
      });
      return each.reduce((total, value) => total + value, 0) / each.length;
    },
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
