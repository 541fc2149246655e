import { writeFileAtomic } from '../base/files.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import { createQuantileAccumulator } from '../metrics/quantiles.js';
import { modelOf } from '../training/configuration.js';
import { readJournal } from '../training/journal.node.js';
import { bestGenerator } from '../training/loop.node.js';
import { withoutPrefix } from '../training/networks.js';
import { generatorInUse, type TrainingState } from '../training/state.js';
import type { Stage } from '../training/update-setup.js';
import { type ModelMetadata, type ModelTraining, modelFormatVersion } from '../translate/model-metadata.js';
import { writeModel } from '../translate/write-model.js';
import { type RunRecord, runPaths } from './run-folder.js';

/** Writes the best generator of a stage as a model file. @returns its path */
export async function exportModel(
  stage: Stage,
  run: string,
  record: RunRecord,
  recipe: PreparationRecipe,
  store: SliceStore,
): Promise<string> {
  const { configuration } = record;
  const best = await bestGenerator(runPaths.stage(run, stage), configuration);
  const model = modelOf(configuration, stage);
  const { modalities, sliceSide, features, levels } = model;
  const { targetConditioning, brainPlane, sourceConditioning, neighbours } = model;
  const conditioning = targetConditioning ? { targetConditioning, brainPlane, sourceConditioning } : {};
  const around = neighbours ? { neighbours } : {};
  const masked = stage === 'teacher' ? { tumourMask: true } : {};
  const metadata: ModelMetadata = {
    formatVersion: modelFormatVersion,
    model: { modalities, sliceSide, features, levels, ...conditioning, ...around, ...masked },
    recipe,
    valueRanges: valueRangesOf(store, modalities),
    training: {
      stage,
      iterations: best.iteration,
      trainingCases: [...new Set([...record.trainingCases, ...(record.teacherCases ?? [])])],
      validationCases: record.validationCases,
      quantiles: quantilesOf(store, modalities),
      dataFingerprint: store.fingerprint,
      validation: await validationOf(stage, run, best, modalities),
    },
    codeVersion: record.codeVersion,
    created: new Date().toISOString(),
  };
  // Half the size; the checkpoint keeps every digit.
  const bytes = writeModel(withoutPrefix('G', generatorInUse(best.tensors)), metadata, 'float16');
  const path = runPaths.model(run, stage);
  await writeFileAtomic(path, bytes);
  return path;
}

/** The validation that chose the best generator; its directions are in the journal. */
async function validationOf(
  stage: Stage,
  run: string,
  { best }: TrainingState,
  modalities: readonly string[],
): Promise<ModelTraining['validation']> {
  if (best === null) return null;
  const { iteration, ssim, mae } = best;
  const journal = await readJournal(runPaths.journal(run, stage));
  const line = journal.find((one) => one.kind === 'validation' && one.iteration === iteration);
  if (line?.kind !== 'validation') return { ssim, mae };
  const directions = line.score.directions.map((one) => ({
    source: modalities[one.source]!,
    target: modalities[one.target]!,
    ssim: one.ssim,
    mae: one.mae,
  }));
  return { ssim, mae, directions };
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
