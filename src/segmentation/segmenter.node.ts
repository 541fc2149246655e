import { readInput } from '../base/files.node.js';
import { createRandom } from '../base/random.js';
import { openModelFile } from '../engine/files/open-model-file.node.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { readOnnxMetadata } from '../engine/onnx/read-onnx-metadata.js';
import { convertEarlierNetwork } from '../model/earlier-network.js';
import type { SegmenterConfiguration } from '../model/segmenter-network.js';
import { segmentSlices } from './segment-slices.js';
import {
  type SegmenterMetadata,
  segmenterFormatVersion,
  segmenterMetadataKey,
  segmenterMetadataSchema,
} from './segmenter-metadata.js';
import { segmenterNames } from './write-segmenter.js';

/** A segmenter file, ready to use. */
export interface LoadedSegmenter {
  readonly metadata: SegmenterMetadata;
  /** The device that computes: `cpu`, `webgpu`, … */
  readonly device: string;
  /** Probabilities [K,S,S] of each region, from slices [K,S,S] of any of its modalities; as `segmentSlices`. */
  readonly segment: (slices: Readonly<Record<string, Float32Array>>) => Promise<Float32Array[]>;
  readonly close: () => Promise<void>;
}

/** How far a device may be from the CPU, as a probability. */
const agreement = 0.02;

/** Reads what a segmenter file says of itself. @throws UtadError as `readOnnxMetadata`. */
export function readSegmenterMetadata(bytes: Uint8Array, where: string): SegmenterMetadata {
  return readOnnxMetadata(bytes, where, {
    key: segmenterMetadataKey,
    schema: segmenterMetadataSchema,
    newest: segmenterFormatVersion,
    name: 'a segmenter of utad-net',
    todo: 'Give a file that `utad segment train` has written.',
    convert: convertEarlierNetwork,
  });
}

/**
 * Loads a segmenter file.
 *
 * @param options.device `cpu` unless given
 * @throws UtadError not-found, bad-file when it is damaged or no segmenter, not-supported when its format is newer or
 *   the device is not there or computes wrongly.
 */
export async function loadSegmenterFile(
  path: string,
  options: { readonly device?: string; readonly threads?: number } = {},
): Promise<LoadedSegmenter> {
  const { device = 'cpu', threads } = options;
  const bytes = await readInput(path);
  const metadata = readSegmenterMetadata(bytes, path);
  const plan = {
    where: path,
    output: segmenterNames.probabilities,
    trial: oneSliceOfNoise(metadata.model),
    agreement,
  };
  const file = await openModelFile(bytes, plan, device, threads);
  const network = (image: Tensors[string]) => file.run({ [segmenterNames.image]: image });
  return {
    metadata,
    device: file.device,
    segment: (slices) => segmentSlices(network, metadata.model, slices),
    close: file.close,
  };
}

function oneSliceOfNoise({ modalities, sliceSide }: SegmenterConfiguration): Tensors {
  const shape = [1, modalities.length, sliceSide, sliceSide];
  const random = createRandom('segmenter trial');
  const noise = Float32Array.from(
    { length: modalities.length * sliceSide ** 2 },
    () => 2 * random.uniform() - 1,
  );
  return { [segmenterNames.image]: tensor(noise, shape) };
}
