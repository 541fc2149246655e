import { sizeOf } from '../base/shapes.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { generatorSpecs } from '../model/generator.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import { translationGraph } from '../model/translation-graph.js';
import { hasUnmasked } from '../slices/batch.js';
import { lossColumns } from '../training/loss-table.js';
import { initialNetworks, parameterInputs } from '../training/networks.js';
import {
  hasTeacher,
  modelOf,
  type TrainingConfiguration,
  weightsOf,
} from '../training/training-configuration.js';
import { criticsWanted, generatorLossesOf, type Stage } from '../training/utad-losses.js';
import {
  criticAndGenerator,
  type TranslatorMethod,
  translatorMethod,
  translatorSetup,
} from './translator.js';
import { writeTranslatorModel } from './translator-model.js';
import {
  frozenNetworks,
  stageNetworks,
  studentStart,
  teacherStart,
  trainedNetworks,
  type UtadModels,
} from './utad-networks.js';
import { criticUpdate, generatorUpdate, type UpdateSetup } from './utad-update.js';

/**
 * UTAD-Net's teacher, which is given the true tumour masks.
 *
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024.
 */
export function teacherMethod(configuration: TrainingConfiguration): TranslatorMethod {
  return stageMethod(configuration, 'teacher', async () =>
    teacherStart(modelOf(configuration), configuration.seed),
  );
}

/**
 * UTAD-Net's student, which needs no masks and is taught by a frozen teacher.
 *
 * @param teacher the trained generator's tensors `G.*`; asked for only where the training begins. A student without
 *   one starts as a teacher that was never trained would start it.
 */
export function studentMethod(
  configuration: TrainingConfiguration,
  teacher: (() => Promise<Tensors>) | null = null,
): TranslatorMethod {
  const models = { model: modelOf(configuration, 'student'), teacher: modelOf(configuration) };
  const { seed } = configuration;
  const untrained = async (): Promise<Tensors> =>
    initialNetworks({ G: generatorSpecs(models.teacher) }, seed);
  return stageMethod(configuration, 'student', async () =>
    hasTeacher(configuration)
      ? studentStart(await (teacher ?? untrained)(), models, seed)
      : teacherStart(models.model, seed),
  );
}

/** A stage by its name; a student whose teacher has not been trained. */
export function utadMethod(configuration: TrainingConfiguration, stage: Stage): TranslatorMethod {
  return stage === 'teacher' ? teacherMethod(configuration) : studentMethod(configuration);
}

/** What a configuration says about the two programs of a stage. @param someUnmasked see `UpdateSetup` */
export function updateSetupOf(
  configuration: TrainingConfiguration,
  stage: Stage,
  someUnmasked = false,
): UpdateSetup {
  const {
    losses: { pixelWeights, truthError, scaleShiftInvariance },
  } = configuration;
  return {
    ...translatorSetup(configuration, modelOf(configuration, stage)),
    stage,
    teacher: modelOf(configuration, 'teacher'),
    weights: weightsOf(configuration),
    pixelWeights,
    truthError,
    scaleShiftInvariance,
    someUnmasked,
  };
}

/**
 * The generator of a stage in evaluation mode; see `TranslatorParts.inference`. A teacher is given the true masks, a
 * student none.
 */
export function stageTranslation(stage: Stage, model: ModelConfiguration, batchSize: number): Graph {
  return translationGraph({
    name: `${stage} translation`,
    model,
    tumourMask: stage === 'teacher',
    parameters: parameterInputs('G', generatorSpecs(model)),
    batchSize,
  });
}

/**
 * Weights of all networks together up to which both updates are one program. Beyond, as with 64 features, the state
 * before and after of all three networks at once takes a third more memory, and weights more time than the pass.
 */
const mostJointNumbers = 2 ** 26;

function stageMethod(
  configuration: TrainingConfiguration,
  stage: Stage,
  start: () => Promise<Tensors>,
): TranslatorMethod {
  const model = modelOf(configuration, stage);
  const teacher = hasTeacher(configuration) ? modelOf(configuration) : null;
  const models: UtadModels = { stage, model, teacher };
  const weights = weightsOf(configuration);
  const wantsCritics = criticsWanted(weights).length > 0;
  return translatorMethod(configuration, {
    name: stage,
    model,
    networks: trainedNetworks(models),
    frozen: frozenNetworks(models),
    losses: lossColumns('generator', generatorLossesOf(weights, stage)),
    start,
    updates: (store) => {
      const setup = updateSetupOf(configuration, stage, hasUnmasked(store));
      return criticAndGenerator(configuration, wantsCritics ? () => criticUpdate(setup) : null, () =>
        generatorUpdate(setup),
      );
    },
    joinsUpdates: wantsCritics && numbersIn(model) <= mostJointNumbers,
    inference: (batchSize) => stageTranslation(stage, model, batchSize),
    writeModel: writeTranslatorModel(configuration, stage),
  });
}

function numbersIn(model: ModelConfiguration): number {
  const networks = Object.values(stageNetworks(model)).flat();
  return networks.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
