import { problemOf, refuse, UtadError } from '../../base/errors.js';
import { reasonOf } from '../../base/files.node.js';
import { fastestDevice, requireKnownDevice } from '../devices/devices.node.js';
import * as ort from '../runtime/onnx-runtime.node.js';
import { requireWholeModel } from './model-checksum.node.js';
import { farthest, type ModelFile, type ModelFilePlan, openOn } from './model-file.js';

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
  requireWholeModel(bytes, plan.where);
  const cpu = await openOn(ort, bytes, plan, 'cpu', threads);
  const name = device === 'auto' ? await fastestDevice() : device;
  if (name === 'cpu') return cpu;

  const { session, failure } = await openAgreeing(bytes, plan, name, await cpu.run(plan.trial));
  if (session === null && device === 'auto') return cpu;
  await cpu.close();
  if (session !== null) return session;
  return refuse('not-supported', {
    where: `device ${name}`,
    problem: `it does not compute this model as the CPU does: ${failure}`,
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
    session = await openOn(ort, bytes, plan, name);
    const difference = farthest(await session.run(plan.trial), expected);
    if (difference <= plan.agreement) return { session, failure: '' };
    await session.close();
    return { session: null, failure: `a difference of ${difference.toPrecision(2)}` };
  } catch (cause) {
    await session?.close().catch(() => undefined);
    return { session: null, failure: cause instanceof UtadError ? problemOf(cause.detail) : reasonOf(cause) };
  }
}
