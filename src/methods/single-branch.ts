import type { Node } from '../engine/graph/graph.js';
import { withPlanes } from '../model/generator.js';
import type { GeneratorConfiguration } from '../model/network-configuration.js';
import { decode, decoderSpecs, encode, encoderSpecs } from '../model/unet.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';

type Sizes = Pick<GeneratorConfiguration, 'baseChannels' | 'levels'>;

/**
 * Parameters of a U-Net with one branch: the encoder and decoder of UTAD-Net's generator without its tumour branch and
 * fusion.
 *
 * @param planes inputs beside the image
 */
export function singleBranchSpecs(
  { baseChannels: features, levels }: Sizes,
  planes: number,
): ParameterSpec[] {
  const sizes = { baseChannels: features, levels };
  return [...encoderSpecs('encoder', { inputs: 1 + planes, ...sizes }), ...decoderSpecs('decoder', sizes)];
}

/**
 * Translates slices [N,1,S,S] with one branch.
 *
 * @param target one-hot [N,M], whose planes are joined behind the image; null for a network with one target
 */
export function translateSingleBranch(
  { levels }: Sizes,
  parameters: Parameters,
  image: Node,
  target: Node | null,
): Node {
  const given = target === null ? image : withPlanes(image, target, []);
  const { deepest, skips } = encode(parameters, 'encoder', given, undefined, levels);
  return decode(parameters, 'decoder', deepest, skips, image, undefined);
}
