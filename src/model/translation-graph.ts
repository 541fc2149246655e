import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import type { Parameters } from '../nn/parameters.js';
import { contextInput, contextInputName } from './context-input.js';
import { generate } from './generator.js';
import type { GeneratorConfiguration } from './network-configuration.js';
import { cutTumour } from './tumour-image.js';

/**
 * Names of a translation's inputs and output; `source` is there only in models that take their source, `contextSlices`
 * in those that take them, `mask` in those that are given one; those of any sources have `sources` and `present` in the place
 * of `image`.
 */
export const modelNames = {
  image: 'image',
  sources: 'sources',
  present: 'present',
  target: 'target',
  source: 'source',
  contextSlices: contextInputName,
  mask: 'mask',
  translated: 'translated',
} as const;

/** What a translation consists of. */
interface TranslationParts {
  readonly name: string;
  readonly model: GeneratorConfiguration;
  /** Whether it is given tumour masks, as a teacher is; else the image goes to both encoders. */
  readonly tumourMask: boolean;
  /** Of the generator, by their published names: constants of a model file, or inputs of a program. */
  readonly parameters: Parameters;
  readonly batchSize: number;
}

/**
 * The generator in evaluation mode, with the inputs and the output of {@link modelNames}: `image` and `mask` [N,1,S,S],
 * `source` and `target` [N,M] one-hot, `sources` [N,M,S,S] and `present` [N,M], and `contextSlices` [N,2k,S,S] to `translated` [N,1,S,S].
 */
export function translationGraph({
  name,
  model,
  tumourMask,
  parameters,
  batchSize,
}: TranslationParts): Graph {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const oneHot = [batchSize, model.modalities.length];
  const image = input(modelNames.image, slices);
  const mask = tumourMask ? { mask: input(modelNames.mask, slices) } : {};
  const given = {
    image,
    contextSlices: contextInput(model, batchSize),
    tumour: mask.mask === undefined ? image : cutTumour(image, mask.mask),
    source: input(modelNames.source, oneHot),
    target: input(modelNames.target, oneHot),
    ...(model.network === 'any-source' ? { ...anySourceInputs(model, batchSize), ...mask } : {}),
  };
  return createGraph(name, {
    [modelNames.translated]: generate(model, parameters, given, 'evaluation').image,
  });
}

/** What a network of any sources is given in the place of one image. */
export function anySourceInputs(
  { modalities: { length: count }, sliceSide }: Pick<GeneratorConfiguration, 'modalities' | 'sliceSide'>,
  batchSize: number,
): Record<'sources' | 'present', Node> {
  return {
    sources: input(modelNames.sources, [batchSize, count, sliceSide, sliceSide]),
    present: input(modelNames.present, [batchSize, count]),
  };
}
