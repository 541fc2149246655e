import { gradient } from '../src/engine/gradient.js';
import { createGraph, type Graph } from '../src/engine/graph.js';
import { add, input, meanAll } from '../src/engine/operations.js';
import { generate } from '../src/model/generator.js';
import { resolveConfiguration } from '../src/training/configuration.js';
import { learntNames, networkInputs } from '../src/training/networks.js';
import { startTeacher } from '../src/training/state.js';
import { updateSetupOf } from '../src/training/step.js';
import { criticUpdate, generatorUpdate, type UpdateSetup } from '../src/training/update.js';
import { inferenceGraph } from '../src/translate/write-model.js';
import type { Work } from './works.js';

/** The teacher's published settings at the size of a piece of work. */
export function setupOf(work: Work): UpdateSetup {
  const configuration = resolveConfiguration('paper', {
    features: work.features,
    criticFeatures: work.features,
    sliceSide: work.side,
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
    case 'generator-pass':
      return generatorPass(setup);
    case 'translation':
      return translationGraph(setup);
  }
}

/** A network for use, with starting weights. */
export function translationGraph({ model }: UpdateSetup): Graph {
  const { tensors } = startTeacher(model, 1, false);
  const generator = Object.entries(tensors).filter(([name]) => name.startsWith('G.'));
  return inferenceGraph(model, Object.fromEntries(generator.map(([name, value]) => [name.slice(2), value])));
}

/** Forward and backward of the generator alone. */
function generatorPass({ model, batchSize }: UpdateSetup): Graph {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const parameters = networkInputs('G', model);
  const made = generate(
    model,
    parameters,
    {
      image: input('image', slices),
      tumour: input('tumour', slices),
      target: input('target', [batchSize, model.modalities.length]),
    },
    'training',
  );
  const names = learntNames('G', model);
  const gradients = gradient(
    add(meanAll(made.image), meanAll(made.tumour)),
    names.map((name) => parameters[name.slice(2)]!),
  );
  return createGraph(
    'generator forward and backward',
    Object.fromEntries(names.map((name, i) => [`grad.${name}`, gradients[i]!])),
  );
}
