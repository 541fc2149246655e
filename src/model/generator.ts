import type { Node } from '../engine/graph.js';
import { broadcast, clamp, concat, detach, reshape, scale, shift } from '../engine/operations.js';
import type { Mode } from '../nn/batch-norm.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import type { GeneratorConfiguration } from './configuration.js';
import { fuse, fusionSpecs } from './fusion.js';
import { decode, decoderSpecs, type EncoderResult, encode, encoderSpecs } from './unet.js';

/** What the generator is given. */
export interface GeneratorInput {
  /** Slices [N,1,S,S] in [−1, 1], background −1. */
  readonly image: Node;
  /** Tumour images [N,1,S,S], or the image again for a student. */
  readonly tumour: Node;
  /** One-hot target modality [N,M]. */
  readonly target: Node;
  /** Where there is brain, [N,1,S,S], 1 or 0, for a network with a brain plane; seen in `image` when left out. */
  readonly brain?: Node;
}

/** What the generator gives. */
export interface GeneratorResult {
  /** The translated slices [N,1,S,S] in (−1, 1). */
  readonly image: Node;
  /** The translated tumour images [N,1,S,S] in (−1, 1). */
  readonly tumour: Node;
  /** The fused deepest features [N, f·2^L, S/2^L, S/2^L], which are distilled. */
  readonly bottleneck: Node;
  /** Running statistics after this pass, by published name; none in evaluation. */
  readonly buffers: Parameters;
}

/** Parameters of the generator under their published names. */
export function generatorSpecs({
  modalities,
  features,
  levels,
  targetConditioning = false,
  brainPlane = false,
  fusionNorm = 'batch',
}: GeneratorConfiguration): ParameterSpec[] {
  const inputs = 1 + modalities.length + (brainPlane ? 1 : 0);
  const targets = targetConditioning ? modalities.length : 0;
  return [
    ...encoderSpecs('img_encoder', { inputs, features, levels, targets }),
    ...encoderSpecs('tumor_encoder', { inputs, features, levels, targets }),
    ...decoderSpecs('img_decoder', { features, levels, targets }),
    ...decoderSpecs('tumor_decoder', { features, levels, targets }),
    ...fusionSpecs('fusion', features * 2 ** levels, fusionNorm),
  ];
}

/**
 * Translates slices and tumour images into the target modality. Results that nobody uses cost nothing: leaving
 * out `tumour` leaves out its decoder.
 *
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024, section III; published network classes.
 */
export function generate(
  { levels, brainPlane = false, fusionNorm = 'batch' }: GeneratorConfiguration,
  parameters: Parameters,
  input: GeneratorInput,
  mode: Mode,
): GeneratorResult {
  const { target } = input;
  const brain = brainPlane ? [input.brain ?? brainIn(input.image)] : [];
  const [whole, local] = (
    [
      ['img_encoder', input.image],
      ['tumor_encoder', input.tumour],
    ] as const
  ).map(([name, image]) => encode(parameters, name, withPlanes(image, target, brain), target, levels)) as [
    EncoderResult,
    EncoderResult,
  ];
  const { value: bottleneck, buffers } = fuse(
    parameters,
    'fusion',
    whole.deepest,
    local.deepest,
    mode,
    fusionNorm,
  );
  return {
    image: decode(parameters, 'img_decoder', bottleneck, whole.skips, target),
    tumour: decode(parameters, 'tumor_decoder', bottleneck, local.skips, target),
    bottleneck,
    buffers,
  };
}

/** 1 where a prepared slice [N,1,S,S] is above its background of −1, else 0. */
export function brainIn(image: Node): Node {
  return detach(clamp(scale(shift(image, 1), 1e4), 0, 1));
}

/** Joins the target's planes, and the brain's if any, behind the image: [N,1,S,S] and [N,M] → [N,1+M,S,S] or one more. */
function withPlanes(image: Node, target: Node, brain: readonly Node[]): Node {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const count = target.shape[1]!;
  const planes = broadcast(reshape(target, [batch, count, 1, 1]), [batch, count, height, width]);
  return concat([image, planes, ...brain], 1);
}
