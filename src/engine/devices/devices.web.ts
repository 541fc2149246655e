import { fail } from '../../base/errors.js';
import { createWebRuntime, type WebDevice, type WebRuntimeOptions } from '../runtime/runtime.web.js';
import { chooseDevice, type DeviceChoice, type DeviceReport } from './device-report.js';
import { selfTest } from './self-test.js';
import { speedTest } from './speed-test.js';

/** Settings of {@link examineWebDevices}. */
interface WebExaminationOptions {
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Gives a device its runtime's settings; called when the device's turn comes. */
  readonly optionsOf: (device: WebDevice) => Promise<WebRuntimeOptions>;
}

/**
 * Examines devices of the browser for using models, one after the other, and says which is to be used: of those that
 * compute every operation as the reference does, the fastest. One that is slower than another that is right is not compared.
 *
 * @param devices in the order of the examination
 */
async function examineWebDevices(
  devices: readonly WebDevice[],
  options: WebExaminationOptions,
): Promise<DeviceChoice> {
  const reports: DeviceReport[] = [];
  let fastest = Number.POSITIVE_INFINITY;
  // A single device has nobody to be faster than.
  const timed = devices.length > 1;
  for (const device of devices) {
    const report = await examine(device, timed, fastest, options);
    if (report.passed === true) fastest = Math.min(fastest, report.milliseconds ?? fastest);
    reports.push(report);
  }
  return chooseDevice(reports);
}

/** What may be asked for; `auto` is the fastest device that computes rightly. */
export type WebDeviceWish = 'auto' | WebDevice;

/** The device to use, and what is known about each that was examined. */
interface WebDeviceChoice {
  readonly serves: WebDevice;
  readonly backends: readonly DeviceReport[];
}

/**
 * Examines the device that is asked for, or with `auto` the processor and, where there is one, the graphics card.
 *
 * @throws UtadError not-supported when none of them computes rightly.
 */
export async function chooseWebDevice(
  wish: WebDeviceWish,
  options: WebExaminationOptions,
): Promise<WebDeviceChoice> {
  const devices: WebDevice[] = wish === 'auto' ? ['wasm'] : [wish];
  if (wish === 'auto' && (await hasGraphicsCard())) devices.push('webgpu');
  const { serves, backends } = await examineWebDevices(devices, options);
  const chosen = devices.find((name) => name === serves);
  if (chosen !== undefined) return { serves: chosen, backends };
  return fail('not-supported', {
    where: `device ${wish}`,
    expected: 'a device of this browser that computes rightly',
    got: backends.map(({ name, reason }) => `${name}: ${reason ?? 'no reason known'}`).join('; '),
    todo: wish === 'auto' ? 'Use another browser.' : 'Choose another device.',
  });
}

async function hasGraphicsCard(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}

async function examine(
  name: WebDevice,
  timed: boolean,
  slowestMilliseconds: number,
  { now, optionsOf }: WebExaminationOptions,
): Promise<DeviceReport> {
  const nothing = { name, available: false, passed: null, maxError: null, milliseconds: null, reason: null };
  let found: DeviceReport = nothing;
  try {
    const runtime = await createWebRuntime(name, await optionsOf(name));
    const milliseconds = timed ? await speedTest(runtime, now) : null;
    found = { ...nothing, available: true, milliseconds };
    if (milliseconds !== null && milliseconds > slowestMilliseconds) return found;
    const { passed, maxError, failure } = await selfTest(runtime, 'use');
    return { ...found, passed, maxError, reason: failure };
  } catch (error) {
    return { ...found, passed: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
