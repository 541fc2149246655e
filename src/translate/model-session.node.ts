import * as ort from 'onnxruntime-node';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { createRandom } from '../base/random.js';
import { openDevice } from '../engine/devices.node.js';
import { type Tensor, tensor } from '../engine/tensor.js';
import type { GeneratorConfiguration } from '../model/configuration.js';
import type { SliceNetwork } from './translate-slices.js';
import { modelNames } from './write-model.js';

/** A model on a device. */
export interface ModelSession {
  readonly device: string;
  readonly network: SliceNetwork;
  readonly close: () => Promise<void>;
}

/** How far a device may be from the CPU anywhere in a slice, on the scale of −1 to 1, to be taken by itself. */
const agreement = 0.01;

/**
 * Loads a model on a device, which must pass the engine's self-test unless it is the CPU.
 *
 * @param where the model file's name, for messages
 * @throws UtadError bad-file when the model is damaged or not one of ours, not-supported for the device.
 */
export async function openModel(
  bytes: Uint8Array,
  where: string,
  device: string,
  threads: number | undefined,
): Promise<ModelSession> {
  await openDevice(device, threads);
  const session = await createSession(bytes, where, device, threads);
  const names = [...session.inputNames, ...session.outputNames].sort().join(', ');
  const expected = Object.values(modelNames).sort().join(', ');
  if (names !== expected) {
    await session.release();
    fail('bad-file', { where, expected: `a model with ${expected}`, got: names });
  }
  const toOrt = ({ data, shape }: Tensor): ort.Tensor => new ort.Tensor('float32', data, shape);
  return {
    device,
    network: async (image, target) => {
      const results = await session.run({
        [modelNames.image]: toOrt(image),
        [modelNames.target]: toOrt(target),
      });
      return results[modelNames.translated]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

/**
 * Loads a model on the fastest device that ONNX Runtime brings along and that agrees with the CPU on this model.
 * A software renderer that passes as a graphics card loses here, and so does a card that computes wrongly.
 *
 * @throws UtadError bad-file as {@link openModel}.
 */
export async function openModelOnFastest(
  bytes: Uint8Array,
  where: string,
  model: GeneratorConfiguration,
  threads: number | undefined,
): Promise<ModelSession> {
  let best = await openModel(bytes, where, 'cpu', threads);
  let shortest: Trial | null = null;
  for (const { name, bundled } of ort.listSupportedBackends()) {
    if (!bundled || name === 'cpu') continue;
    const other = await openModel(bytes, where, name, threads).catch(() => null);
    if (other === null) continue;
    shortest ??= await tryOut(best, model);
    const trial = await tryOut(other, model).catch(() => null);
    if (trial !== null && trial.ms < shortest.ms && farthest(trial.made, shortest.made) <= agreement) {
      await best.close();
      [best, shortest] = [other, trial];
    } else await other.close();
  }
  return best;
}

interface Trial {
  readonly made: Float32Array;
  readonly ms: number;
}

/** One slice of noise, the second time round: the first compiles and allocates. */
async function tryOut({ network }: ModelSession, model: GeneratorConfiguration): Promise<Trial> {
  const { sliceSide, modalities } = model;
  const random = createRandom('model trial');
  const noise = Float32Array.from({ length: sliceSide ** 2 }, () => 2 * random.uniform() - 1);
  const image = tensor(noise, [1, 1, sliceSide, sliceSide]);
  const target = tensor(
    modalities.map((_, index) => (index === 0 ? 1 : 0)),
    [1, modalities.length],
  );
  await network(image, target);
  const started = performance.now();
  const made = await network(image, target);
  return { made, ms: performance.now() - started };
}

/** The largest difference; infinite where one is not a number. */
function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => {
    const difference = Math.abs(value - b[i]!);
    return Math.max(most, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }, 0);
}

async function createSession(
  bytes: Uint8Array,
  where: string,
  device: string,
  threads: number | undefined,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    return fail(
      'bad-file',
      {
        where,
        expected: 'a model that ONNX Runtime can load',
        got: reasonOf(cause),
        todo: 'Copy or write it again.',
      },
      { cause },
    );
  }
}
