import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { openForeignNetwork } from '../engine/files/foreign-network.node.js';
import * as ort from '../engine/runtime/onnx-runtime.node.js';
import type { FeatureExtractor, FeatureLayer } from './feature-extractor.js';
import { resizeSlice } from './resize-slice.js';

/** What the JSON file beside a feature network may say of it. */
const conventionSchema = z.strictObject({
  name: z.string().optional().describe('for reports; the file’s name when left out'),
  side: z
    .int()
    .min(8)
    .max(2048)
    .optional()
    .describe('pixels of its input; the network’s, else the slice’s own'),
  channels: z.literal([1, 3]).optional().describe('a slice is repeated for 3; the network’s when left out'),
  mean: z.array(z.number()).default([0]).describe('subtracted from values of [0, 1], one or one a channel'),
  deviation: z.array(z.number().positive()).default([1]).describe('what the rest is divided by'),
  pooled: z.string().optional().describe('output [1, D] of Fréchet and kernel distance'),
  layers: z.array(z.string()).optional().describe('outputs [1, C, H, W] of the perceptual distance'),
  caution: z.string().optional().describe('what these features do not know, for reports'),
});

type Convention = z.infer<typeof conventionSchema>;

/** A loaded feature network. */
interface OnnxExtractor extends FeatureExtractor {
  readonly close: () => Promise<void>;
}

/**
 * Loads any ONNX network with one input [N, 1 or 3, H, W] as an extractor of features. A JSON file of the same name
 * beside it says how slices are given to it; what is left out is read off the network, and the report says all of it.
 *
 * Pooled features are its first output of two axes; where there is none, the means over places of its last output of
 * four axes. Layers are all outputs of four axes.
 *
 * @throws UtadError not-found, bad-file when it is no such network, bad-configuration for a wrong JSON file.
 */
export async function loadOnnxExtractor(
  path: string,
  options: { readonly threads?: number } = {},
): Promise<OnnxExtractor> {
  const { session, description: given, bytes } = await openForeignNetwork(path, conventionSchema, options);
  try {
    const network = describeNetwork(session, given, path);
    const run = async (slice: Float32Array, side: number) =>
      runNetwork(session, network, network.side ?? side, slice, side, path);
    const trial = await run(new Float32Array(64 * 64), 64);
    return {
      description: describe(path, bytes, network, trial.pooled.length, given),
      extract: run,
      close: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

interface Network {
  readonly input: string;
  readonly channels: number;
  /** Undefined for a network that takes any size. */
  readonly side: number | undefined;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Undefined where a layer's means stand for it. */
  readonly pooled: string | undefined;
  readonly layers: readonly string[];
}

function describeNetwork(session: ort.InferenceSession, given: Convention, path: string): Network {
  const [inputs, outputs] = [session.inputMetadata, session.outputMetadata];
  const shape = inputs[0]?.isTensor && inputs[0].type === 'float32' ? inputs[0].shape : [];
  if (inputs.length !== 1 || shape.length !== 4) {
    fail('bad-file', {
      where: path,
      expected: 'one float32 input [N, channels, rows, columns]',
      got: inputs
        .map((one) => (one.isTensor ? `${one.name} ${one.type} [${one.shape.join(', ')}]` : one.name))
        .join('; '),
      todo: 'Export the feature network with images in this order.',
    });
  }
  const whole = (axis: number): number | undefined =>
    typeof shape[axis] === 'number' && shape[axis] > 0 ? shape[axis] : undefined;
  const channels = given.channels ?? whole(1) ?? 3;
  if (channels !== 1 && channels !== 3) {
    fail('bad-file', {
      where: path,
      expected: '1 or 3 channels in the second axis',
      got: String(channels),
      todo: 'Export it with channels before rows and columns.',
    });
  }
  const ofRank = (rank: number): string[] =>
    outputs.flatMap((one) => (one.isTensor && one.shape.length === rank ? one.name : []));
  for (const name of [given.pooled ?? [], given.layers ?? []].flat()) {
    if (session.outputNames.includes(name)) continue;
    const got = `no output ${name}`;
    fail('bad-configuration', { where: path, expected: `one of ${session.outputNames.join(', ')}`, got });
  }
  for (const [name, values] of Object.entries({ mean: given.mean, deviation: given.deviation })) {
    if (values.length === 1 || values.length === channels) continue;
    const got = `${values.length}`;
    fail('bad-configuration', { where: `${path}: ${name}`, expected: `1 or ${channels} values`, got });
  }
  const layers = given.layers ?? ofRank(4);
  const pooled = given.pooled ?? ofRank(2)[0];
  if (pooled === undefined && layers.length === 0) {
    fail('bad-file', {
      where: path,
      expected: 'an output [N, features] or [N, channels, rows, columns]',
      got: session.outputNames.join(', '),
    });
  }
  const side = given.side ?? whole(2);
  if (side !== undefined && given.side === undefined && (whole(3) ?? side) !== side) {
    fail('bad-file', { where: path, expected: 'a square input', got: shape.join('×') });
  }
  const { mean, deviation } = given;
  return { input: inputs[0]!.name, channels, side, mean, deviation, pooled, layers };
}

async function runNetwork(
  session: ort.InferenceSession,
  { input, channels, mean, deviation, pooled, layers }: Network,
  side: number,
  slice: Float32Array,
  from: number,
  path: string,
) {
  const resized = resizeSlice(slice, from, side);
  const values = new Float32Array(channels * side * side);
  for (let c = 0; c < channels; c++) {
    const [shift, scale] = [mean[c] ?? mean[0]!, deviation[c] ?? deviation[0]!];
    for (let i = 0; i < resized.length; i++) values[c * side * side + i] = (resized[i]! - shift) / scale;
  }
  const wanted = [...new Set([...layers, ...(pooled === undefined ? [] : [pooled])])];
  let results: ort.InferenceSession.OnnxValueMapType;
  try {
    results = await session.run(
      { [input]: new ort.Tensor('float32', values, [1, channels, side, side]) },
      wanted,
    );
  } catch (cause) {
    const got = reasonOf(cause).replace(/\s+/g, ' ');
    const todo = 'Say in the JSON file beside it which side and channels it takes.';
    const expected = `a network that takes [1, ${channels}, ${side}, ${side}]`;
    return fail('bad-file', { where: path, expected, got, todo }, { cause });
  }
  const made = layers.map((name): FeatureLayer => {
    const { data, dims } = requireFloats(results[name]!, name, path);
    return { channels: dims[1] ?? data.length, data };
  });
  const vector =
    pooled === undefined ? means(made.at(-1)!) : requireFloats(results[pooled]!, pooled, path).data;
  return { pooled: vector, layers: made };
}

function requireFloats(value: ort.OnnxValue, name: string, path: string) {
  const { data, dims } = value as ort.Tensor;
  if (data instanceof Float32Array && data.every(Number.isFinite)) return { data, dims };
  const got = data instanceof Float32Array ? 'NaN or infinite ones' : (value as ort.Tensor).type;
  return fail('bad-file', { where: `${path}: ${name}`, expected: 'finite float32 features', got });
}

function means({ channels, data }: FeatureLayer): Float32Array {
  const places = data.length / channels;
  return Float32Array.from({ length: channels }, (_, c) =>
    data.subarray(c * places, (c + 1) * places).reduce((sum, value) => sum + value / places, 0),
  );
}

function describe(path: string, bytes: Uint8Array, network: Network, dimensions: number, given: Convention) {
  const { channels, side, mean, deviation, pooled, layers } = network;
  const size = side === undefined ? 'their own size' : `${side}×${side} (bilinear)`;
  return {
    name: given.name ?? basename(path),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    input: `slices on [0, 1] at ${size}, ${channels === 1 ? 'one channel' : 'repeated to 3 channels'}, less ${mean.join(', ')}, divided by ${deviation.join(', ')}`,
    features: pooled === undefined ? `means over places of output ${layers.at(-1)}` : `output ${pooled}`,
    layers: layers.length === 0 ? 'none' : `outputs ${layers.join(', ')}, without learnt weights`,
    dimensions,
    caution:
      given.caution ??
      'These features know what their network was trained for; one trained on photographs knows little of tumours.',
  };
}
