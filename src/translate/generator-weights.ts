import type { z } from 'zod';
import { refuseRemoved } from '../base/earlier-fields.js';
import { fail } from '../base/errors.js';
import { showShape, sizeOf } from '../base/shapes.js';
import { filled, type Tensor, type Tensors } from '../engine/graph/tensor.js';
import { generatorSpecs } from '../model/generator.js';
import type { GeneratorConfiguration, generatorConfigurationSchema } from '../model/network-configuration.js';

/** What the shapes of a generator's tensors tell. */
type GeneratorSizes = Omit<
  z.infer<typeof generatorConfigurationSchema>,
  'modalities' | 'sliceSide' | 'network' | 'detailChannels'
> & {
  readonly modalityCount: number;
};

/** A generator found among tensors, complete and under its published names. */
export interface FoundGenerator {
  readonly sizes: GeneratorSizes;
  readonly tensors: Tensors;
}

const firstKernel = 'img_encoder.features.convblock1.conv1.unit.0.weight';
const firstTumourKernel = 'tumor_encoder.features.convblock1.conv1.unit.0.weight';
/** In front of the published names: a checkpoint's moving average or its `G.`, and `module.` of PyTorch's DataParallel. */
const prefixes = ['', 'averageG.', 'G.', 'module.', 'G.module.', 'module.G.'];
/** A generator has at most these halvings: 2^12 pixels along a side. */
const mostLevels = 12;

/**
 * Finds a generator among named tensors: a checkpoint of ours, or weights trained with the published code.
 * Biases in front of a normalisation may be absent, as they have no effect: they become zeros.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when there is none, or when a tensor is missing, unknown or of another shape; not-supported
 *   when the fusion has an instance norm, which version 0.1.0 could train.
 * @source names of the published PyTorch classes of UTAD-Net.
 */
export function findGenerator(tensors: Tensors, where: string): FoundGenerator {
  const prefix = prefixes.find((one) => Object.hasOwn(tensors, one + firstKernel));
  if (prefix === undefined) {
    return fail('bad-file', {
      where,
      expected: `a generator's tensors, such as ${firstKernel}`,
      got: Object.keys(tensors).length === 0 ? 'no tensors' : `${Object.keys(tensors)[0]} and others`,
      todo: 'Give a checkpoint of utad train, or weights of the published generator as safetensors.',
    });
  }
  const own = new Map(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value] as const)
      .filter(([name]) => prefix !== '' || /^(img|tumor)_(en|de)coder\.|^fusion\./.test(name)),
  );
  if (hasInstanceNorm(own)) refuseRemoved(where, 'fusionNorm', 'instance');
  const sizes = sizesOf(own, where);
  return { sizes, tensors: complete(own, sizes, where) };
}

function sizesOf(own: ReadonlyMap<string, Tensor>, where: string): GeneratorSizes {
  const shape = own.get(firstKernel)!.shape;
  const [features, imageInputs] = [shape[0] ?? 0, shape[1] ?? 0];
  // The tumour encoder sees all that the image encoder sees, but no context slices.
  const inputs = Math.min(imageInputs, own.get(firstTumourKernel)?.shape[1] ?? imageInputs);
  const contextSlices = Math.floor((imageInputs - inputs) / 2);
  let levels = 0;
  while (own.has(`img_encoder.features.convblock${levels + 1}.conv1.unit.0.weight`)) levels++;
  if (shape.length !== 4 || features < 1 || inputs < 3 || levels > mostLevels) {
    fail('bad-file', {
      where: `${where}: ${firstKernel}`,
      expected: 'a kernel of [features, 1 + modalities, 3, 3]',
      got: showShape(shape),
    });
  }
  // Beside the image a published encoder sees a plane for each modality; one with biases may also see the brain.
  const rows = (name: string): number | undefined =>
    own.get(`img_encoder.center_conv.conv1.${name}_bias`)?.shape[0];
  const [targets, pairs] = [rows('target'), rows('pair')];
  const modalityCount = targets ?? (pairs === undefined ? inputs - 1 : Math.floor(Math.sqrt(pairs)));
  return {
    modalityCount,
    baseChannels: features,
    levels,
    targetConditioning: targets !== undefined || pairs !== undefined,
    brainMaskChannel: inputs === modalityCount + 2,
    sourceConditioning: pairs !== undefined,
    contextSlices,
  };
}

/** A batch norm keeps running statistics; one of them alone that is missing is a fault. */
function hasInstanceNorm(own: ReadonlyMap<string, Tensor>): boolean {
  const names = [...own.keys()].filter((name) => name.startsWith('fusion.'));
  return names.length > 0 && !names.some((name) => name.includes('.running_'));
}

function complete(own: ReadonlyMap<string, Tensor>, sizes: GeneratorSizes, where: string): Tensors {
  const specs = generatorSpecs(configurationOf(sizes));
  const found: Record<string, Tensor> = {};
  for (const { name, shape, role } of specs) {
    const given = own.get(name);
    if (given !== undefined && sizeOf(given.shape) === sizeOf(shape) && given.shape.join() === shape.join())
      found[name] = given;
    else if (given === undefined && role === 'inert') found[name] = filled(shape, 0);
    else {
      fail('bad-file', {
        where,
        expected: `a tensor ${name} of ${showShape(shape)}`,
        got: given === undefined ? 'none of that name' : showShape(given.shape),
      });
    }
  }
  const known = new Set(specs.map(({ name }) => name));
  const surplus = [...own.keys()].find((name) => !known.has(name));
  if (surplus !== undefined) {
    fail('bad-file', {
      where,
      expected: "the published generator's tensors alone",
      got: `${surplus} beside them`,
      todo: 'These weights belong to another network.',
    });
  }
  return found;
}

/** Shapes do not depend on names or on the slice side. */
function configurationOf({ modalityCount, ...sizes }: GeneratorSizes): GeneratorConfiguration {
  const modalities = Array.from({ length: modalityCount }, (_, i) => `modality${i}`);
  return { modalities, sliceSide: 2 ** (sizes.levels + 1), ...sizes };
}
