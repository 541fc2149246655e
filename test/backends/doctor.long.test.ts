import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceChoice } from '../../src/engine/devices/device-report.js';
import { availableDevices, examineDevice } from '../../src/engine/devices/devices.node.js';
import { gpuNames } from '../../src/engine/devices/gpu-names.node.js';
import { type BuiltUtad, buildUtad } from '../fixtures/built-utad.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an examination', () => {
  const examineWith = async (program: string, patienceSeconds = 60) => {
    const probe = join(folder, 'probe.mjs');
    await writeFile(probe, program);
    return examineDevice('webgpu', { probe, patienceSeconds });
  };
  const opened = "process.send({ kind: 'opened' });";

  it('survives a device that aborts its process', async () => {
    const report = await examineWith(`${opened} setTimeout(() => process.abort(), 50);`);
    expect(report).toMatchObject({ available: true, passed: false });
    expect(report.reason).toBe('ended the process that examined it (SIGABRT)');
  });

  it('survives a device that leaves without a word', async () => {
    const report = await examineWith('process.exit(3);');
    expect(report).toMatchObject({ available: false, passed: false });
    expect(report.reason).toBe('ended the process that examined it (exit status 3)');
  });

  it('gives up on a device that hangs', async () => {
    const report = await examineWith(`${opened} setTimeout(() => { for (;;); }, 50);`, 2);
    expect(report.reason).toBe('gave no answer within 2 s');
    expect(report.passed).toBe(false);
  });

  it('says what a device computed wrongly', async () => {
    const result = { passed: false, maxError: 0.5, failure: 'convolution: 1×1 (y) is off by 5.0e-1' };
    const messages = [{ kind: 'timed', milliseconds: 3 }, { kind: 'compared', result }, { kind: 'done' }];
    const report = await examineWith(
      `${opened} for (const one of ${JSON.stringify(messages)}) process.send(one); process.disconnect();`,
    );
    expect(report).toEqual({
      name: 'webgpu',
      available: true,
      passed: false,
      maxError: 0.5,
      milliseconds: 3,
      reason: 'convolution: 1×1 (y) is off by 5.0e-1',
    });
  });
});

describe('utad doctor', () => {
  let utad: BuiltUtad;
  beforeAll(async () => {
    utad = await buildUtad();
    // No Vulkan driver: the answer then does not depend on the machine's graphics card.
    process.env['VK_ICD_FILENAMES'] = join(folder, 'no-driver.json');
    process.env['VK_DRIVER_FILES'] = join(folder, 'no-driver.json');
  });
  afterAll(() => utad?.remove());

  it('lists every device of the runtime, lets the CPU serve and says why another does not', async () => {
    const { status, stdout, stderr } = await utad.call('doctor', '--json');
    expect(status, stderr).toBe(0);
    const { serves, backends } = JSON.parse(stdout) as DeviceChoice;
    expect(backends.map(({ name }) => name)).toEqual(availableDevices());
    const cpu = backends[0]!;
    expect(cpu).toMatchObject({ name: 'cpu', available: true, passed: true });
    expect(cpu.maxError).toBeLessThan(1e-4);
    const serving = backends.find(({ name }) => name === serves)!;
    expect(serving).toMatchObject({ passed: true, reason: null });
    for (const { name, reason } of backends) if (name !== serves) expect(reason, name).toMatch(/\w/);
  });

  it('tells people about the machine', async () => {
    const { status, stdout } = await utad.call('doctor', '--device', 'cpu');
    expect(status).toBe(0);
    expect(stdout).toContain(`Node ${process.versions.node}`);
    expect(stdout).toMatch(/\d+ threads, [\d.]+ GB of memory/);
    expect(stdout).toMatch(/^cpu +serves: \d+ ms; largest error \de-\d/m);
  });

  it('refuses a device that does not exist', async () => {
    const { status, stderr } = await utad.call('doctor', '--device', 'quantum');
    expect(status).toBe(2);
    expect(stderr).toContain('--device: expected cpu');
  });

  it.skipIf(process.platform !== 'linux')('ends with 1 when the named device is refused', async () => {
    const { status, stdout } = await utad.call('doctor', '--json', '--device', 'webgpu');
    expect(status).toBe(1);
    const { serves, backends } = JSON.parse(stdout) as DeviceChoice;
    expect(serves).toBe('cpu');
    expect(backends[1]).toMatchObject({ name: 'webgpu', available: false });
    expect(backends[1]!.reason).toContain('no graphics card');
  });
});

describe('graphics cards', () => {
  it("are named by NVIDIA's driver, others by maker and number", async () => {
    const nvidia = join(folder, 'proc/driver/nvidia/gpus/0000:01:00.0');
    await mkdir(nvidia, { recursive: true });
    await writeFile(join(nvidia, 'information'), 'Model: \t\t NVIDIA RTX 4000\nIRQ: 1\n');
    for (const [card, maker] of [
      ['card0', '0x10de'],
      ['card1', '0x1002'],
    ] as const) {
      const place = join(folder, 'sys/class/drm', card, 'device');
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'vendor'), `${maker}\n`);
      await writeFile(join(place, 'device'), '0x73bf\n');
    }
    expect(gpuNames(folder)).toEqual(['NVIDIA RTX 4000', 'AMD 0x73bf']);
    expect(gpuNames(join(folder, 'nowhere'))).toEqual([]);
  });
});
