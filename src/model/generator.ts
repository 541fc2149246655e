import { fail } from '../base/errors.js';
import type { Node } from '../engine/graph/graph.js';
import {
  broadcast,
  clamp,
  concat,
  detach,
  multiply,
  reshape,
  scale,
  shift,
} from '../engine/graph/operations.js';
import type { Mode } from '../nn/batch-norm.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { anySourceSpecs, translateAnySource } from './any-source.js';
import { contextPlanes } from './context-input.js';
import { fuse, fusionSpecs } from './feature-fusion.js';
import type { GeneratorConfiguration } from './network-configuration.js';
import {
  type ConditionSize,
  decode,
  decoderSpecs,
  type EncoderResult,
  encode,
  encoderSpecs,
  type Task,
} from './unet.js';

/** What the generator is given. */
interface GeneratorInput {
  /** Slices [N,1,S,S] in [−1, 1], background −1. */
  readonly image: Node;
  /**
   * The slices below and above each image, upwards and without the image itself, [N,2k,S,S] in [−1, 1]; null for a
   * network that is given none. See `itselfAround` where they are not known.
   */
  readonly contextSlices: Node | null;
  /** Tumour images [N,1,S,S], or the image again for a student. */
  readonly tumour: Node;
  /** One-hot target modality [N,M]. */
  readonly target: Node;
  /** One-hot source modality [N,M], for a network that takes its source; others ignore it. */
  readonly source?: Node;
  /** Where there is brain, [N,1,S,S], 1 or 0, for a network with a brain plane; seen in `image` when left out. */
  readonly brain?: Node;
  /** A patient's slices in all modalities [N,M,S,S], −1 throughout where not given, for a network of any sources. */
  readonly sources?: Node;
  /** Which of them are given [N,M]. */
  readonly present?: Node;
  /** Where the tumour is [N,1,S,S], for the teacher of any sources. */
  readonly mask?: Node;
}

/** What the generator gives. */
export interface GeneratorResult {
  /** The translated slices [N,1,S,S] in (−1, 1); −1 outside the brain where the network is given the brain. */
  readonly image: Node;
  /** The translated tumour images [N,1,S,S] in (−1, 1); the translated slices of a network without a branch for them. */
  readonly tumour: Node;
  /** The fused deepest features [N, f·2^L, S/2^L, S/2^L], which are distilled. */
  readonly bottleneck: Node;
  /** Running statistics after this pass, by published name; none in evaluation. */
  readonly buffers: Parameters;
}

const tumourDecoder = 'tumor_decoder';

/** Whether a parameter, by its published name, serves the translated tumour image alone. */
export function servesTumourAlone(name: string): boolean {
  return name.startsWith(`${tumourDecoder}.`);
}

/** Parameters of the generator under their published names. */
export function generatorSpecs(configuration: GeneratorConfiguration): ParameterSpec[] {
  if (configuration.network === 'any-source') return anySourceSpecs(configuration);
  const { modalities, baseChannels: features, levels, brainMaskChannel: brainPlane = false } = configuration;
  const inputs = 1 + modalities.length + (brainPlane ? 1 : 0);
  const sizes = { baseChannels: features, levels, condition: conditionOf(configuration) };
  return [
    ...encoderSpecs('img_encoder', { inputs: inputs + contextPlanes(configuration), ...sizes }),
    ...encoderSpecs('tumor_encoder', { inputs, ...sizes }),
    ...decoderSpecs('img_decoder', sizes),
    ...decoderSpecs(tumourDecoder, sizes),
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
  configuration: GeneratorConfiguration,
  parameters: Parameters,
  input: GeneratorInput,
  mode: Mode,
): GeneratorResult {
  if (configuration.network === 'any-source') return generateFromAny(configuration, parameters, input);
  const { levels, brainMaskChannel: brainPlane = false } = configuration;
  const { target } = input;
  const task = taskOf(configuration, input);
  const brain = brainPlane ? [input.brain ?? brainIn(input.image)] : [];
  const [whole, local] = (
    [
      ['img_encoder', input.image, contextSlicesOf(configuration, input)],
      ['tumor_encoder', input.tumour, []],
    ] as const
  ).map(([name, image, contextSlices]) =>
    encode(parameters, name, withPlanes(image, target, [...brain, ...contextSlices]), task, levels),
  ) as [EncoderResult, EncoderResult];
  const { value: bottleneck, buffers } = fuse(parameters, 'fusion', whole.deepest, local.deepest, mode);
  return {
    image: within(brain, decode(parameters, 'img_decoder', bottleneck, whole.skips, input.image, task)),
    tumour: within(brain, decode(parameters, tumourDecoder, bottleneck, local.skips, input.tumour, task)),
    bottleneck,
    buffers,
  };
}

function generateFromAny(
  configuration: GeneratorConfiguration,
  parameters: Parameters,
  { sources, present, target, mask, brain }: GeneratorInput,
): GeneratorResult {
  if (sources === undefined || present === undefined || (mask !== undefined) !== !!configuration.tumourMask) {
    return fail('bad-argument', {
      where: 'generate',
      expected: `sources, which of them are given, and ${configuration.tumourMask ? 'a' : 'no'} mask`,
      got: 'others',
    });
  }
  const { image, bottleneck } = translateAnySource(configuration, parameters, {
    sources,
    present,
    target,
    mask: mask ?? null,
    ...(brain === undefined ? {} : { brain }),
  });
  return { image, tumour: image, bottleneck, buffers: {} };
}

function contextSlicesOf(
  configuration: GeneratorConfiguration,
  { contextSlices }: GeneratorInput,
): readonly Node[] {
  const planes = contextPlanes(configuration);
  const given = contextSlices?.shape[1] ?? 0;
  if (given !== planes) {
    fail('bad-argument', {
      where: 'generate',
      expected: `${planes} planes of context slices`,
      got: String(given),
    });
  }
  return contextSlices === null ? [] : [contextSlices];
}

function conditionOf({
  modalities: { length },
  targetConditioning,
  sourceConditioning,
}: GeneratorConfiguration): ConditionSize | undefined {
  if (sourceConditioning) return { kind: 'pair', count: length ** 2 };
  return targetConditioning ? { kind: 'target', count: length } : undefined;
}

/** Pairs are counted source by source: source·M + target. */
function taskOf(configuration: GeneratorConfiguration, { source, target }: GeneratorInput): Task {
  const condition = conditionOf(configuration);
  if (condition === undefined) return undefined;
  if (condition.kind === 'target') return { kind: 'target', oneHot: target };
  if (source === undefined) {
    return fail('bad-argument', {
      where: 'generate',
      expected: 'a source, which this network takes',
      got: 'none',
    });
  }
  const [batch, count] = target.shape as [number, number];
  // [N,M,1]·[N,1,M] → [N,M,M] → [N,M·M]
  const square = [batch, count, count];
  const pairs = multiply(
    broadcast(reshape(source, [batch, count, 1]), square),
    broadcast(reshape(target, [batch, 1, count]), square),
  );
  return { kind: 'pair', oneHot: reshape(pairs, [batch, condition.count]) };
}

/** A decoder's result with background, −1, outside the brain, where there is a brain plane. */
function within([brain]: readonly Node[], image: Node): Node {
  if (brain === undefined) return image;
  return shift(multiply(shift(image, 1), brain), -1);
}

/** 1 where a prepared slice [N,1,S,S] is above its background of −1 (by 2^−20 at least, see `darkestBrain`), else 0. */
export function brainIn(image: Node): Node {
  return detach(clamp(scale(shift(image, 1), 2 ** 20), 0, 1));
}

/** Joins the target's planes, and more [N,C,S,S] if any, behind the image: [N,1,S,S] and [N,M] → [N,1+M+C,S,S]. */
export function withPlanes(image: Node, target: Node, more: readonly Node[]): Node {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const count = target.shape[1]!;
  const planes = broadcast(reshape(target, [batch, count, 1, 1]), [batch, count, height, width]);
  return concat([image, planes, ...more], 1);
}
