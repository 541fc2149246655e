import { expect, it } from 'vitest';
import { chooseDevice, type DeviceReport } from './device-report.js';

const right = (name: string, milliseconds: number): DeviceReport => ({
  name,
  available: true,
  passed: true,
  maxError: 1e-6,
  milliseconds,
  reason: null,
});

it('takes the fastest device that computes rightly, and says why the others do not serve', () => {
  const { serves, backends } = chooseDevice([right('cpu', 20), right('webgpu', 5)]);
  expect(serves).toBe('webgpu');
  expect(backends.map(({ reason }) => reason)).toEqual(['slower than webgpu: 20 against 5 ms', null]);
});

it('leaves a software renderer aside, which computes rightly and slowly', () => {
  const { serves, backends } = chooseDevice([right('cpu', 20), right('webgpu', 5000)]);
  expect(serves).toBe('cpu');
  expect(backends[1]!.reason).toBe('slower than cpu: 5000 against 20 ms');
});

it('never takes a device that computes wrongly, was not compared or is not there, however fast', () => {
  const wrong = { ...right('webgpu', 1), passed: false, maxError: 0.2, reason: 'maxPool is off by 2e-1' };
  const uncompared = { ...right('cuda', 1), passed: null, maxError: null };
  const absent = { ...right('dml', 1), available: false, passed: null, reason: 'not installed' };
  const { serves, backends } = chooseDevice([right('cpu', 20), wrong, uncompared, absent]);
  expect(serves).toBe('cpu');
  expect(backends[1]!.reason).toBe('maxPool is off by 2e-1');
});

it('names the CPU where nothing serves, and keeps the reason', () => {
  const broken = { ...right('cpu', 20), passed: false, reason: 'add is off by 1e+0' };
  expect(chooseDevice([broken])).toEqual({ serves: 'cpu', backends: [broken] });
});
