import * as ort from 'onnxruntime-node';
import { fail } from '../base/errors.js';
import { readFileBytes, reasonOf } from '../base/files.node.js';
import { availableDevices, openDevice } from '../engine/devices.node.js';
import type { LoadedModel } from './loaded-model.js';
import { readModelMetadata } from './read-model.js';
import { type SliceNetwork, translateSlices } from './translate-slices.js';
import { modelNames } from './write-model.js';

/** Settings of {@link loadModel}. */
export interface LoadModelOptions {
  /** `cpu` unless given; `auto` takes the first other device that computes rightly, else the CPU. */
  readonly device?: string;
  /** Threads on the CPU; all cores when left out. */
  readonly threads?: number;
}

/** Slices at once: more are no faster on a CPU, and take more memory. */
const batchSize = 4;

/**
 * Loads a model file.
 *
 * @throws UtadError not-found, bad-file when it is damaged or none of ours, not-supported when its format is
 *   newer or the device is not there.
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<LoadedModel> {
  const bytes = await readFileBytes(path);
  const metadata = readModelMetadata(bytes, path);
  const device = await chooseDevice(options.device ?? 'cpu');
  const session = await openSession(bytes, path, device, options.threads);
  const network: SliceNetwork = async (image, target) => {
    const results = await session.run({
      [modelNames.image]: new ort.Tensor('float32', image.data, image.shape),
      [modelNames.target]: new ort.Tensor('float32', target.data, target.shape),
    });
    return results[modelNames.translated]!.data as Float32Array;
  };
  return {
    metadata,
    device,
    translateSlices: (slices, source, target, onProgress) =>
      translateSlices(network, metadata.model, slices, source, target, {
        batchSize,
        ...(onProgress ? { onProgress } : {}),
      }),
    close: () => session.release(),
  };
}

async function chooseDevice(wanted: string): Promise<string> {
  if (wanted !== 'auto') return (await openDevice(wanted)).device;
  for (const name of availableDevices()) {
    if (name === 'cpu') continue;
    const runtime = await openDevice(name).catch(() => null);
    if (runtime !== null) return runtime.device;
  }
  return 'cpu';
}

async function openSession(
  bytes: Uint8Array,
  path: string,
  device: string,
  threads: number | undefined,
): Promise<ort.InferenceSession> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    return fail(
      'bad-file',
      {
        where: path,
        expected: 'a model that ONNX Runtime can load',
        got: reasonOf(cause),
        todo: 'Copy or write it again.',
      },
      { cause },
    );
  }
  const names = [...session.inputNames, ...session.outputNames].sort().join(', ');
  const expected = Object.values(modelNames).sort().join(', ');
  if (names !== expected) {
    await session.release();
    fail('bad-file', { where: path, expected: `a model with ${expected}`, got: names });
  }
  return session;
}
