import { gradient } from '../src/engine/graph/gradient.js';
import { createGraph, type Graph } from '../src/engine/graph/graph.js';
import { add, input, meanAll } from '../src/engine/graph/operations.js';
import type { Tensors } from '../src/engine/graph/tensor.js';
import { defaultRecipe } from '../src/imaging/recipe.js';
import { updateSetupOf } from '../src/methods/utad.js';
import { criticUpdate, generatorUpdate, type UpdateSetup } from '../src/methods/utad-update.js';
import { contextInput } from '../src/model/context-input.js';
import { generate, generatorSpecs } from '../src/model/generator.js';
import type { GeneratorConfiguration } from '../src/model/network-configuration.js';
import { initialise } from '../src/nn/parameters.js';
import { jointUpdate } from '../src/training/joint-update.js';
import { learntNames, parameterInputs } from '../src/training/networks.js';
import { resolveConfiguration } from '../src/training/presets.js';
import { type ModelMetadata, modelFormatVersion } from '../src/translate/model-metadata.js';
import { inferenceGraph, writeModel } from '../src/translate/write-model.js';
import type { Work } from './works.js';

/** The teacher's published settings at the size of a piece of work. */
export function setupOf(work: Work): UpdateSetup {
  const configuration = resolveConfiguration('paper', {
    'model.baseChannels': work.features,
    'model.criticBaseChannels': work.features,
    'model.sliceSide': work.side,
  });
  return { ...updateSetupOf(configuration, 'teacher'), batchSize: work.batch };
}

/** The graph that a piece of work runs; a translation's is that of one slice. */
export function graphOf(work: Work): Graph {
  const setup = setupOf(work);
  switch (work.kind) {
    case 'critic-update':
      return criticUpdate(setup);
    case 'generator-update':
      return generatorUpdate(setup);
    case 'both-updates':
      return jointUpdate(
        'teacher iteration',
        { label: 'critic', graph: () => criticUpdate(setup), every: 1, rateFactor: 1 },
        { label: 'generator', graph: () => generatorUpdate(setup), every: 1, rateFactor: 1 },
      );
    case 'generator-pass':
      return generatorPass(setup);
    case 'translation':
      return translationGraph(setup);
  }
}

/** A network for use, with starting weights. */
export function translationGraph({ model }: UpdateSetup): Graph {
  return inferenceGraph(model, startingGenerator(model));
}

/** A model file with starting weights, as `utad train` writes it. */
export function startingModelFile({
  model: { modalities, sliceSide, baseChannels: features, levels },
}: UpdateSetup): Uint8Array {
  const model = { modalities, sliceSide, baseChannels: features, levels };
  const metadata: ModelMetadata = {
    formatVersion: modelFormatVersion,
    model,
    recipe: defaultRecipe(sliceSide),
    valueRanges: Object.fromEntries(modalities.map((name) => [name, { low: 0, high: 1000 }])),
    training: null,
    codeVersion: 'bench',
    created: new Date().toISOString(),
  };
  return writeModel(startingGenerator(model), metadata, 'float16');
}

function startingGenerator(model: GeneratorConfiguration): Tensors {
  return initialise(generatorSpecs(model), 1, 'G');
}

/** Forward and backward of the generator alone. */
function generatorPass({ model, batchSize }: UpdateSetup): Graph {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const parameters = parameterInputs('G', generatorSpecs(model));
  const made = generate(
    model,
    parameters,
    {
      image: input('image', slices),
      contextSlices: contextInput(model, batchSize),
      tumour: input('tumour', slices),
      target: input('target', [batchSize, model.modalities.length]),
    },
    'training',
  );
  const names = learntNames({ G: generatorSpecs(model) });
  const gradients = gradient(
    add(meanAll(made.image), meanAll(made.tumour)),
    names.map((name) => parameters[name.slice(2)]!),
  );
  return createGraph(
    'generator forward and backward',
    Object.fromEntries(names.map((name, i) => [`grad.${name}`, gradients[i]!])),
  );
}
