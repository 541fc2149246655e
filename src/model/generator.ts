import type { Node } from '../engine/graph.js';
import { broadcast, concat, reshape } from '../engine/operations.js';
import type { Mode } from '../nn/batch-norm.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import type { GeneratorConfiguration } from './configuration.js';
import { fuse, fusionSpecs } from './fusion.js';
import { decode, decoderSpecs, encode, encoderSpecs } from './unet.js';

/** What the generator is given. */
export interface GeneratorInput {
  /** Slices [N,1,S,S] in [−1, 1], background −1. */
  readonly image: Node;
  /** Tumour images [N,1,S,S], or the image again for a student. */
  readonly tumour: Node;
  /** One-hot target modality [N,M]. */
  readonly target: Node;
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
export function generatorSpecs({ modalities, features, levels }: GeneratorConfiguration): ParameterSpec[] {
  const inputs = 1 + modalities.length;
  return [
    ...encoderSpecs('img_encoder', inputs, features, levels),
    ...encoderSpecs('tumor_encoder', inputs, features, levels),
    ...decoderSpecs('img_decoder', features, levels),
    ...decoderSpecs('tumor_decoder', features, levels),
    ...fusionSpecs('fusion', features * 2 ** levels),
  ];
}

/**
 * Translates slices and tumour images into the target modality. Results that nobody uses cost nothing: leaving
 * out `tumour` leaves out its decoder.
 *
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024, section III; published network classes.
 */
export function generate(
  { levels }: GeneratorConfiguration,
  parameters: Parameters,
  input: GeneratorInput,
  mode: Mode,
): GeneratorResult {
  const whole = encode(parameters, 'img_encoder', withTarget(input.image, input.target), levels);
  const local = encode(parameters, 'tumor_encoder', withTarget(input.tumour, input.target), levels);
  const { value: bottleneck, buffers } = fuse(parameters, 'fusion', whole.deepest, local.deepest, mode);
  return {
    image: decode(parameters, 'img_decoder', bottleneck, whole.skips),
    tumour: decode(parameters, 'tumor_decoder', bottleneck, local.skips),
    bottleneck,
    buffers,
  };
}

/** Joins the target's planes behind the image: [N,1,S,S] and [N,M] → [N,1+M,S,S]. */
function withTarget(image: Node, target: Node): Node {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const count = target.shape[1]!;
  const planes = broadcast(reshape(target, [batch, count, 1, 1]), [batch, count, height, width]);
  return concat([image, planes], 1);
}
