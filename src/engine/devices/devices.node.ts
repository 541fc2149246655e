import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fail, refuse } from '../../base/errors.js';
import * as ort from '../runtime/onnx-runtime.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { createNodeRuntime } from '../runtime/runtime.node.js';
import type { ProbeMessage } from './device-probe.node.js';
import { chooseDevice, type DeviceChoice, type DeviceReport } from './device-report.js';

const probePath = fileURLToPath(new URL('./device-probe.node.js', import.meta.url));

/** How long a device may take over its examination, in seconds; shaders are compiled the first time. */
const patienceSeconds = 180;

/** Settings of {@link examineDevice}. */
interface ExaminationOptions {
  /** A device that takes longer than this over the speed test is not compared with the reference. */
  readonly slowestMilliseconds?: number;
  readonly patienceSeconds?: number;
  /** The program that examines, in place of this package's own. */
  readonly probe?: string;
}

/** Names of the devices that this installation of ONNX Runtime brings or could use, the CPU first. */
export function availableDevices(): string[] {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  return ['cpu', ...names.filter((name) => name !== 'cpu')];
}

/**
 * Examines a device in a process of its own: whether it opens, how fast it is, whether it computes as the reference
 * does. A device that aborts or hangs the process is reported like one that computes wrongly.
 */
export function examineDevice(name: string, options: ExaminationOptions = {}): Promise<DeviceReport> {
  const { slowestMilliseconds = Number.POSITIVE_INFINITY, probe = probePath } = options;
  const patience = options.patienceSeconds ?? patienceSeconds;
  let report: DeviceReport = {
    name,
    available: false,
    passed: null,
    maxError: null,
    milliseconds: null,
    reason: null,
  };
  return new Promise((resolve) => {
    let done = false;
    // What a device's driver prints is of no use to anybody here.
    const child = fork(probe, [name, String(slowestMilliseconds)], { stdio: 'ignore', execArgv: [] });
    const timer = setTimeout(() => {
      report = { ...report, passed: false, reason: `gave no answer within ${patience} s` };
      child.kill('SIGKILL');
    }, patience * 1000);
    const end = (how: string): void => {
      clearTimeout(timer);
      const silent = done || report.reason !== null ? {} : { passed: false, reason: how };
      resolve({ ...report, ...silent });
    };
    child.on('message', (message: ProbeMessage) => {
      if (message.kind === 'done') done = true;
      else report = { ...report, ...reported(message, name) };
    });
    child.on('error', (error) => end(`could not be examined: ${error.message}`));
    child.on('close', (code, signal) =>
      end(`ended the process that examined it (${signal ?? `exit status ${code}`})`),
    );
  });
}

/** Examines devices, one after the other, and says which is to be used; the CPU is always among them. */
export async function examineDevices(
  names: readonly string[] = availableDevices(),
  options: ExaminationOptions = {},
): Promise<DeviceChoice> {
  const reports: DeviceReport[] = [];
  for (const name of ['cpu', ...names.filter((one) => one !== 'cpu')])
    reports.push(await examineDevice(name, options));
  return chooseDevice(reports);
}

/**
 * The fastest device that computes as the reference does; the CPU unless another is faster. Devices that are slower
 * than the CPU are not examined further.
 */
export async function fastestDevice(): Promise<string> {
  const bundled = ort
    .listSupportedBackends()
    .filter(({ name, bundled }) => bundled && name !== 'cpu')
    .map(({ name }) => name);
  if (bundled.length === 0) return 'cpu';
  const cpu = await examineDevice('cpu');
  const limit = cpu.milliseconds === null ? {} : { slowestMilliseconds: cpu.milliseconds };
  const others: DeviceReport[] = [];
  for (const name of bundled) others.push(await examineDevice(name, limit));
  return chooseDevice([cpu, ...others]).serves;
}

/**
 * Opens a device for computing. Every device but the CPU must compute as the reference does.
 *
 * @param device `cpu`; `auto` for {@link fastestDevice}; or another of {@link availableDevices}
 * @param threads of one operation on the CPU; all cores when left out
 * @throws UtadError bad-argument when there is no such device; not-supported when it computes wrongly.
 */
export async function openDevice(device: string, threads?: number): Promise<Runtime> {
  requireKnownDevice(device);
  const name = device === 'auto' ? await fastestDevice() : device;
  if (name !== 'cpu' && device !== 'auto') {
    const { passed, reason } = await examineDevice(name);
    if (passed !== true) {
      refuse('not-supported', {
        where: `device ${name}`,
        problem: `it does not compute as the reference does: ${reason ?? 'its results differ'}`,
        todo: 'Use --device cpu; utad doctor says more.',
      });
    }
  }
  return createNodeRuntime(name, threads === undefined ? {} : { threads });
}

/** Refuses a name that is no device. @throws UtadError bad-argument, listing those there are. */
export function requireKnownDevice(device: string): void {
  const known = [...availableDevices(), 'auto'];
  if (!known.includes(device))
    fail('bad-argument', { where: '--device', expected: known.join(', '), got: device });
}

function reported(message: Exclude<ProbeMessage, { kind: 'done' }>, name: string): Partial<DeviceReport> {
  switch (message.kind) {
    case 'opened':
      return { available: true };
    case 'timed':
      return { milliseconds: message.milliseconds };
    case 'compared': {
      const { passed, maxError, failure } = message.result;
      return { passed, maxError, reason: failure };
    }
    case 'failed':
      return { passed: false, reason: plainReason(message.reason, name) };
  }
}

/** ONNX Runtime's reasons begin with its source files and end in a full stop of their own. */
function plainReason(reason: string, name: string): string {
  if (/No supported adapters/.test(reason))
    return 'no graphics card that Vulkan, Metal or Direct3D 12 knows (on Linux its driver and libvulkan1 are needed)';
  if (/Failed to load shared library/.test(reason))
    return `ONNX Runtime's libraries for ${name} are not installed (docs/backends.md says how)`;
  const text = reason
    .replace(/^.*?was false\. /s, '')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
