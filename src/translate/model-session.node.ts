import * as ort from 'onnxruntime-node';
import { fail, UtadError } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { createRandom } from '../base/random.js';
import { fastestDevice, requireKnownDevice } from '../engine/devices.node.js';
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

/** How far a device may be from the CPU anywhere in a slice, on the scale of −1 to 1. */
const agreement = 0.01;

/**
 * Loads a model on a device. Any but the CPU must first agree with the CPU on a slice: backends have computed
 * wrongly in silence, and this tests the very operations that the model needs.
 *
 * @param device `cpu`; `auto`, the fastest device that computes rightly; or a name
 * @param where the model file's name, for messages
 * @throws UtadError bad-file when the model is damaged or not one of ours, not-supported when the device is not
 *   there, does not run the model or disagrees with the CPU.
 */
export async function openModel(
  bytes: Uint8Array,
  where: string,
  model: GeneratorConfiguration,
  device: string,
  threads: number | undefined,
): Promise<ModelSession> {
  requireKnownDevice(device);
  const cpu = await createSession(bytes, where, 'cpu', threads);
  const name = device === 'auto' ? await fastestDevice() : device;
  if (name === 'cpu') return cpu;

  const { session, failure } = await openAgreeing(bytes, where, model, name, await tryOut(cpu, model));
  if (session === null && device === 'auto') return cpu;
  await cpu.close();
  if (session !== null) return session;
  return fail('not-supported', {
    where: `device ${name}`,
    expected: 'to compute this model as the CPU does',
    got: failure,
    todo: 'Use --device cpu.',
  });
}

interface Attempt {
  readonly session: ModelSession | null;
  /** Why there is no session. */
  readonly failure: string;
}

async function openAgreeing(
  bytes: Uint8Array,
  where: string,
  model: GeneratorConfiguration,
  name: string,
  expected: Float32Array,
): Promise<Attempt> {
  let session: ModelSession | null = null;
  try {
    session = await createSession(bytes, where, name, undefined);
    const difference = farthest(await tryOut(session, model), expected);
    if (difference <= agreement) return { session, failure: '' };
    await session.close();
    return { session: null, failure: `a difference of ${difference.toPrecision(2)}` };
  } catch (cause) {
    await session?.close().catch(() => undefined);
    return { session: null, failure: cause instanceof UtadError ? cause.detail.got : reasonOf(cause) };
  }
}

/** One slice of noise. */
async function tryOut({ network }: ModelSession, model: GeneratorConfiguration): Promise<Float32Array> {
  const { sliceSide, modalities } = model;
  const random = createRandom('model trial');
  const noise = Float32Array.from({ length: sliceSide ** 2 }, () => 2 * random.uniform() - 1);
  const image = tensor(noise, [1, 1, sliceSide, sliceSide]);
  const target = tensor(
    modalities.map((_, index) => (index === 0 ? 1 : 0)),
    [1, modalities.length],
  );
  return network(image, target);
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
): Promise<ModelSession> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    const todo = 'Copy or write it again.';
    const expected = 'a model that ONNX Runtime can load';
    return fail('bad-file', { where, expected, got: reasonOf(cause), todo }, { cause });
  }
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
