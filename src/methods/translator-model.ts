import { createQuantileAccumulator } from '../metrics/quantiles.js';
import type { SliceStore } from '../slices/slice-store.js';
import { withoutPrefix } from '../training/networks.js';
import { networkInUse } from '../training/state.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import type { Stage } from '../training/utad-losses.js';
import { type ModelMetadata, type ModelTraining, modelFormatVersion } from '../translate/model-metadata.js';
import { writeModel } from '../translate/write-model.js';
import type { TranslationScore } from './translation-score.js';
import type { TranslatorMethod } from './translator.js';

/** Writes the generator of a stage of UTAD-Net as a model file. */
export function writeTranslatorModel(
  configuration: TrainingConfiguration,
  stage: Stage,
): NonNullable<TranslatorMethod['writeModel']> {
  return async (state, facts) => {
    const { recipe, store, trainingCases, validationCases, codeVersion, created } = facts;
    const { criticBaseChannels: _, criticLayers: __, ...generator } = modelOf(configuration, stage);
    const { modalities } = generator;
    const metadata: ModelMetadata = {
      formatVersion: modelFormatVersion,
      model: { ...generator, ...(stage === 'teacher' ? { tumourMask: true } : {}) },
      recipe,
      valueRanges: valueRangesOf(store, modalities),
      training: {
        stage,
        iterations: state.iteration,
        trainingCases: [...trainingCases],
        validationCases: [...validationCases],
        quantiles: quantilesOf(store, modalities),
        ...bodyOf(store),
        dataFingerprint: store.fingerprint,
        validation: validationOf(facts.validation ?? state.best, modalities),
      },
      codeVersion,
      created,
    };
    // Half the size; the checkpoint keeps every digit.
    return writeModel(withoutPrefix('G', networkInUse('G', state.tensors)), metadata, 'float16');
  };
}

/** The validation that chose the generator; of a score whose line in the journal is lost, the means alone. */
function validationOf(
  score: (Figures & Partial<Pick<TranslationScore, 'directions' | 'allButOne'>>) | null,
  modalities: readonly string[],
): ModelTraining['validation'] {
  if (score === null) return null;
  if (score.directions === undefined) return figuresOf(score);
  const directions = score.directions.map((one) => ({
    source: modalities[one.source]!,
    target: modalities[one.target]!,
    ...figuresOf(one),
  }));
  const allButOne = (score.allButOne ?? []).map((one) => ({
    target: modalities[one.target]!,
    ...figuresOf(one),
  }));
  return { ...figuresOf(score), directions, ...(allButOne.length > 0 ? { allButOne } : {}) };
}

type Figures = Pick<TranslationScore, 'ssim' | 'mae' | 'correlation'>;

/** A correlation of 0 is one that is not known. */
function figuresOf({ ssim, mae, correlation }: Figures) {
  return { ssim, mae, ...(correlation === 0 ? {} : { correlation }) };
}

/** For each modality the median of its training volumes' low and high intensities. */
function valueRangesOf(
  store: SliceStore,
  modalities: readonly string[],
): Record<string, { low: number; high: number }> {
  return Object.fromEntries(
    modalities.map((name, modality) => {
      const ranges = store.ranges.filter((range) => range.modality === modality);
      return [
        name,
        { low: median(ranges.map(({ low }) => low)), high: median(ranges.map(({ high }) => high)) },
      ];
    }),
  );
}

/** What the training volumes' brains measure, where the store knows it of all. */
function bodyOf({ ranges }: SliceStore): Pick<ModelTraining, 'body'> {
  const volumes = ranges.map(({ volumeMl }) => volumeMl).filter((value) => value !== undefined);
  const lengths = ranges.map(({ longestMm }) => longestMm).filter((value) => value !== undefined);
  if (volumes.length < ranges.length || lengths.length < ranges.length || ranges.length === 0) return {};
  const reach = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  return { body: { volumeMl: reach(volumes), longestMm: reach(lengths) } };
}

/** For each modality the quantiles of its training slices' brain on [0, 1]. */
export function quantilesOf(store: SliceStore, modalities: readonly string[]): Record<string, number[]> {
  const accumulators = modalities.map(() => createQuantileAccumulator());
  store.entries.forEach(({ modality }, index) => {
    const { image } = store.read(index);
    accumulators[modality]!.addSlices(
      image,
      Uint8Array.from(image, (value) => (value > -1 ? 1 : 0)),
    );
  });
  return Object.fromEntries(modalities.map((name, modality) => [name, accumulators[modality]!.table()]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
