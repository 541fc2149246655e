import { availableParallelism, freemem, totalmem } from 'node:os';
import type { DeviceReport } from '../engine/devices/device-report.js';
import { availableDevices, examineDevices, requireKnownDevice } from '../engine/devices/devices.node.js';
import { gpuNames } from '../engine/devices/gpu-names.node.js';
import * as ort from '../engine/runtime/onnx-runtime.node.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { outputColours } from '../terminal/colours.js';

interface DoctorOptions {
  readonly json?: boolean;
  readonly device: string;
}

export async function doctor({ device, json }: DoctorOptions): Promise<void> {
  requireKnownDevice(device);
  const names = device === 'auto' ? availableDevices() : [device];
  const { serves, backends } = await examineDevices(names);
  const needed = backends.filter(({ name }) => name === 'cpu' || name === device);
  if (!needed.every(({ available, passed }) => available && passed === true)) process.exitCode = 1;
  if (json) {
    console.log(JSON.stringify({ serves, backends, machine: machine() }, null, 2));
    return;
  }
  const { node, runtime, threads, memoryGb, freeMemoryGb, gpus } = machine();
  const lines = [
    `utad ${packageVersion()}, Node ${node}, ONNX Runtime ${runtime}, ${process.platform} ${process.arch}`,
    `${threads} threads, ${memoryGb} GB of memory (${freeMemoryGb} GB free)`,
    `graphics cards: ${gpus.length > 0 ? gpus.join(', ') : 'none that this machine tells of'}`,
    '',
    ...backends.map((report) => describe(report, serves)),
  ];
  console.log(lines.join('\n'));
}

function machine() {
  const gigabytes = (bytes: number): number => Math.round(bytes / 1e8) / 10;
  return {
    node: process.versions.node,
    runtime: ort.env.versions.node ?? ort.env.versions.common,
    threads: availableParallelism(),
    memoryGb: gigabytes(totalmem()),
    freeMemoryGb: gigabytes(freemem()),
    gpus: gpuNames(),
  };
}

function describe(
  { name, available, passed, maxError, milliseconds, reason }: DeviceReport,
  serves: string,
): string {
  const state =
    name === serves
      ? outputColours.green('serves')
      : passed === true
        ? 'right'
        : outputColours.yellow(available ? 'refused' : 'not there');
  const facts = [
    ...(milliseconds === null ? [] : [`${milliseconds.toFixed(0)} ms`]),
    ...(maxError === null ? [] : [`largest error ${maxError.toExponential(0)}`]),
    ...(reason === null ? [] : [reason]),
  ];
  return `${name.padEnd(10)} ${state}: ${facts.join('; ')}`;
}
