import * as ort from 'onnxruntime-node';
import { fail, UtadError } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { createRandom } from '../base/random.js';
import { availableDevices } from '../engine/devices.node.js';
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
 * @param device `cpu`; `auto`, the fastest device that ONNX Runtime brings along and that agrees; or a name
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
  const known = [...availableDevices(), 'auto'];
  if (!known.includes(device))
    fail('not-supported', { where: '--device', expected: known.join(', '), got: device });
  const cpu = await createSession(bytes, where, 'cpu', threads);
  if (device === 'cpu') return cpu;
  const names = device === 'auto' ? bundledDevices() : [device];
  if (names.length === 0) return cpu;

  const expected = await tryOut(cpu, model);
  for (const name of names) {
    const { session, ms, failure } = await openAgreeing(bytes, where, model, name, expected);
    // By itself a device must also be faster: a software renderer passes as a graphics card.
    if (session !== null && (device !== 'auto' || ms < expected.ms)) {
      await cpu.close();
      return session;
    }
    await session?.close();
    if (device === 'auto') continue;
    await cpu.close();
    const todo = 'Use --device cpu.';
    fail('not-supported', {
      where: `device ${name}`,
      expected: 'to compute this model as the CPU does',
      got: failure,
      todo,
    });
  }
  return cpu;
}

function bundledDevices(): string[] {
  return ort
    .listSupportedBackends()
    .filter(({ name, bundled }) => bundled && name !== 'cpu')
    .map(({ name }) => name);
}

interface Attempt {
  readonly session: ModelSession | null;
  readonly ms: number;
  /** Why there is no session. */
  readonly failure: string;
}

async function openAgreeing(
  bytes: Uint8Array,
  where: string,
  model: GeneratorConfiguration,
  name: string,
  expected: Trial,
): Promise<Attempt> {
  const none = { session: null, ms: Number.POSITIVE_INFINITY };
  let session: ModelSession | null = null;
  try {
    session = await createSession(bytes, where, name, undefined);
    const { made, ms } = await tryOut(session, model);
    const difference = farthest(made, expected.made);
    if (difference <= agreement) return { session, ms, failure: '' };
    await session.close();
    return { ...none, failure: `a difference of ${difference.toPrecision(2)}` };
  } catch (cause) {
    await session?.close().catch(() => undefined);
    return { ...none, failure: cause instanceof UtadError ? cause.detail.got : reasonOf(cause) };
  }
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
