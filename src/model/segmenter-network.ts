import { z } from 'zod';
import type { Node } from '../engine/graph/graph.js';
import { scale, shift, tanh } from '../engine/graph/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { decodeFeatures, encode, encoderSpecs, featureDecoderSpecs } from './unet.js';

/** What fixes the shape of a segmenter. */
export const segmenterConfigurationSchema = z.strictObject({
  modalities: z
    .array(z.string())
    .min(1)
    .describe('input channels of the network, in this order; a patient may lack any of them'),
  regions: z
    .array(z.string())
    .min(1)
    .max(8)
    .describe('regions to find, outermost first: output channels of the network'),
  sliceSide: z.int().min(8).describe('height and width of a slice in pixels'),
  levels: z.int().min(1).describe('halvings from the slice to the deepest level'),
  baseChannels: z.int().min(1).describe('channels of the first level, doubled at each further one'),
});

/** See {@link segmenterConfigurationSchema}. */
export type SegmenterConfiguration = Readonly<z.infer<typeof segmenterConfigurationSchema>>;

/** What a modality that a patient lacks is given as: background throughout. */
export const missingValue = -1;

/**
 * Logit of every region at the start: a probability of 0.02, about the share of pixels that are tumour. From 0 Adam would
 * first spend a thousand steps on moving it there, and Dice learns nothing meanwhile.
 *
 * @source Lin et al., Focal loss, ICCV 2017, section 3.3.
 */
const rareLogit = -4;

/** Parameters of a segmenter: an encoder and a decoder of the generator's, and a 1×1 score for each region. */
export function segmenterSpecs({
  modalities,
  regions,
  baseChannels: features,
  levels,
}: SegmenterConfiguration): ParameterSpec[] {
  const sizes = { baseChannels: features, levels };
  const score = convolutionSpecs('score', { inputs: features, outputs: regions.length, kernel: 1 }, 'weight');
  return [
    ...encoderSpecs('encoder', { ...sizes, inputs: modalities.length }),
    ...featureDecoderSpecs('decoder', sizes),
    ...score.map(
      (one): ParameterSpec =>
        one.name === 'score.bias' ? { ...one, initialiser: { kind: 'constant', value: rareLogit } } : one,
    ),
  ];
}

/**
 * Logits of the regions.
 *
 * @param image slices [N,M,S,S] in [−1, 1]; a missing modality is −1 throughout. An instance norm takes a constant
 *   plane out again, so that what is missing says nothing.
 * @returns [N,R,S,S]; a pixel is in a region with probability σ(logit), for each region on its own
 * @source Ronneberger et al., U-Net, MICCAI 2015; regions as sigmoids: Isensee et al., nnU-Net for brain tumor
 *   segmentation, BrainLes 2020.
 */
export function segmentLogits({ levels }: SegmenterConfiguration, parameters: Parameters, image: Node): Node {
  const { deepest, skips } = encode(parameters, 'encoder', image, undefined, levels);
  const features = decodeFeatures(parameters, 'decoder', deepest, skips, undefined);
  return addBias(parameters, 'score', convolve(parameters, 'score', features, 1, 0));
}

/** σ(x) = (tanh(x/2) + 1) / 2. */
export function sigmoid(x: Node): Node {
  return scale(shift(tanh(scale(x, 0.5)), 1), 0.5);
}

/** Prefix of the network's tensors in a training state. */
export const segmenterPrefix = 'S.';
