import { chooseDevice, type DeviceChoice, type DeviceReport } from './device-report.js';
import { createWebRuntime, type WebDevice, type WebRuntimeOptions } from './runtime.web.js';
import { selfTest } from './self-test.js';
import { speedTest } from './speed-test.js';

/** Settings of {@link examineWebDevices}. */
export interface WebExaminationOptions {
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
export async function examineWebDevices(
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
