import * as ort from 'onnxruntime-node';
import { fail } from '../base/errors.js';
import type { Runtime } from './runtime.js';
import { createNodeRuntime } from './runtime.node.js';
import { selfTest } from './self-test.js';

/** Names of the devices that this installation of ONNX Runtime brings, the CPU first. */
export function availableDevices(): string[] {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  return ['cpu', ...names.filter((name) => name !== 'cpu')];
}

/**
 * Opens a device for computing. Every device but the CPU must pass the self-test first.
 *
 * @param device `cpu`, or another of {@link availableDevices}
 * @param threads of one operation on the CPU; all cores when left out
 * @throws UtadError not-supported when the device is not there or computes wrongly.
 */
export async function openDevice(device: string, threads?: number): Promise<Runtime> {
  const known = availableDevices();
  if (!known.includes(device)) {
    fail('not-supported', { where: '--device', expected: known.join(', '), got: device });
  }
  const runtime = createNodeRuntime(device, threads === undefined ? {} : { threads });
  if (device === 'cpu') return runtime;
  const { passed, failure } = await selfTest(runtime);
  if (!passed) {
    fail('not-supported', {
      where: `device ${device}`,
      expected: 'to agree with the reference',
      got: failure ?? 'a difference',
      todo: 'Use --device cpu.',
    });
  }
  return runtime;
}
