import type { StartProgress } from '../base/progress-display.js';
import { sizeOf } from '../base/shapes.js';
import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { onModelGrid } from '../evaluate/compared-patient.js';
import { evaluatePatient } from '../evaluate/evaluate-patient.js';
import { defaultRingWidthMm } from '../evaluate/evaluation-defaults.js';
import type { PatientScores } from '../evaluate/evaluation-report.js';
import type { PatientPictures } from '../evaluate/patient-pictures.js';
import { translateOnModelGrid } from '../evaluate/translate-on-model-grid.js';
import { contextSlicesAt } from '../imaging/context-slices.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import { createBatchTranslator } from '../methods/batch-translator.js';
import type { Pair } from '../methods/translation-batches.js';
import { isPairOnly, type MethodName } from './compare-methods.js';
import type { ComparedPicture } from './compare-result.js';
import type { TrainedMethod } from './compare-train.js';

/** What networks are evaluated on. */
interface EvaluationTask {
  readonly test: readonly CaseFiles[];
  readonly recipe: PreparationRecipe;
  readonly modalities: readonly string[];
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
  readonly every: number;
  readonly pair: Pair;
  readonly runtime: Runtime;
  readonly requireGoing: () => void;
  readonly startProgress: StartProgress;
}

/** What a network reached. */
interface EvaluatedMethod {
  readonly patients: readonly PatientScores[];
  readonly pictures: readonly ComparedPicture[];
  readonly parameters: number;
}

/** Patients whose pictures are kept. */
const picturedPatients = 4;

/** Evaluates a trained network on the test patients, as `utad evaluate` does with a model file. */
export async function evaluateMethod(
  name: MethodName,
  { method, generator }: TrainedMethod,
  { test, recipe, modalities, quantiles, every, pair, runtime, requireGoing, startProgress }: EvaluationTask,
): Promise<EvaluatedMethod> {
  const {
    schedule: { batchSize },
    model: { sliceSide, contextSlices = 0 },
  } = method.configuration;
  const graph = method.inference(batchSize);
  const translator = await createBatchTranslator(runtime, graph, { sliceSide, modalities }, batchSize);
  const names = [modalities[pair.first]!, modalities[pair.second]!] as const;
  const isOfPair = (source: string, target: string): boolean =>
    names.some((name) => name === source) && names.some((name) => name === target);
  const progress = startProgress(`evaluating ${method.name}`, test.length);
  try {
    const patients: PatientScores[] = [];
    const pictures: ComparedPicture[] = [];
    for (const [i, files] of test.entries()) {
      const prepared = await loadPreparedPatient(files, recipe, modalities);
      const places = Array.from({ length: prepared.count }, (_, k) => k);
      const translate = async (images: Float32Array, source: number, target: number) => {
        requireGoing();
        const around = contextSlicesAt(images, sliceSide ** 2, places, contextSlices);
        const masks = prepared.tumour ?? new Uint8Array(images.length);
        return translator.translate(generator, { images, contextSlices: around, masks, source, target });
      };
      const evaluated = await evaluatePatient(onModelGrid(prepared), {
        trainingQuantiles: quantiles,
        every,
        ringWidthMm: defaultRingWidthMm,
        ...(isPairOnly(name) ? { evaluates: ({ sources, target }) => isOfPair(sources[0]!, target) } : {}),
        translate: translateOnModelGrid(prepared, modalities, translate),
      });
      patients.push(...evaluated.rows);
      if (i < picturedPatients) pictures.push(...picturesOf(evaluated.pictures, isOfPair));
      progress.update(i + 1, files.id);
    }
    return { patients, pictures, parameters: parametersOf(graph) };
  } finally {
    progress.end();
    await translator.close();
  }
}

function picturesOf(
  { patient, side, real, translated, outline }: PatientPictures,
  isOfPair: (source: string, target: string) => boolean,
): ComparedPicture[] {
  return translated
    .filter(({ source, target }) => isOfPair(source, target))
    .map(({ source, target, image }) => ({
      patient,
      source,
      target,
      side,
      given: real[source]!,
      translated: image,
      truth: real[target]!,
      outline: outline ?? null,
    }));
}

function parametersOf({ inputs }: Graph): number {
  return inputs.reduce(
    (sum, { attributes, shape }) => (attributes.kind === 'parameter' ? sum + sizeOf(shape) : sum),
    0,
  );
}
