import { fail, UtadError } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { fastestDevice, requireKnownDevice } from './devices.node.js';
import * as ort from './onnx-runtime.node.js';
import type { Tensor, Tensors } from './tensor.js';

/** A network out of a file, on a device. */
export interface ModelFile {
  readonly device: string;
  /** Computes the output for any batch. */
  readonly run: (inputs: Tensors) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** What a network in a file looks like from outside. */
export interface ModelFilePlan {
  /** The file's name, for messages. */
  readonly where: string;
  /** Its one output. */
  readonly output: string;
  /** Inputs to try devices out with: those of the network, by name. */
  readonly trial: Tensors;
  /** How far a device may be from the CPU anywhere in the output of the trial. */
  readonly agreement: number;
}

/**
 * Loads a network on a device. Any but the CPU must first agree with the CPU on the trial: backends have computed
 * wrongly in silence, and this tests the very operations that the network needs.
 *
 * @param device `cpu`; `auto`, the fastest device that computes rightly; or a name
 * @throws UtadError bad-file when the file is damaged or has other inputs or outputs, not-supported when the device
 *   is not there, does not run the network or disagrees with the CPU.
 */
export async function openModelFile(
  bytes: Uint8Array,
  plan: ModelFilePlan,
  device: string,
  threads: number | undefined,
): Promise<ModelFile> {
  requireKnownDevice(device);
  const cpu = await createSession(bytes, plan, 'cpu', threads);
  const name = device === 'auto' ? await fastestDevice() : device;
  if (name === 'cpu') return cpu;

  const { session, failure } = await openAgreeing(bytes, plan, name, await cpu.run(plan.trial));
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
  readonly session: ModelFile | null;
  /** Why there is no session. */
  readonly failure: string;
}

async function openAgreeing(
  bytes: Uint8Array,
  plan: ModelFilePlan,
  name: string,
  expected: Float32Array,
): Promise<Attempt> {
  let session: ModelFile | null = null;
  try {
    session = await createSession(bytes, plan, name, undefined);
    const difference = farthest(await session.run(plan.trial), expected);
    if (difference <= plan.agreement) return { session, failure: '' };
    await session.close();
    return { session: null, failure: `a difference of ${difference.toPrecision(2)}` };
  } catch (cause) {
    await session?.close().catch(() => undefined);
    return { session: null, failure: cause instanceof UtadError ? cause.detail.got : reasonOf(cause) };
  }
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
  { where, output, trial }: ModelFilePlan,
  device: string,
  threads: number | undefined,
): Promise<ModelFile> {
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
  const expected = [...Object.keys(trial), output].sort().join(', ');
  if (names !== expected) {
    await session.release();
    fail('bad-file', { where, expected: `a model with ${expected}`, got: names });
  }
  const toOrt = ({ data, shape }: Tensor): ort.Tensor => new ort.Tensor('float32', data, shape);
  return {
    device,
    run: async (inputs) => {
      const feeds = Object.entries(inputs).map(([name, value]) => [name, toOrt(value)] as const);
      const results = await session.run(Object.fromEntries(feeds));
      return results[output]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
