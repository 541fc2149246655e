import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceChoice } from '../../src/engine/devices/device-report.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/pack-gpu-machine.sh', import.meta.url));
const isPackable = process.platform === 'linux' && process.arch === 'x64';
const note = isPackable ? '' : ' (skipped: it is made on 64-bit Linux)';

describe.skipIf(!isPackable)(`the archive for a graphics machine${note}`, () => {
  let folder: string;
  let unpacked: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'utad-pack-'));
    await run(script, [join(folder, 'pack.tar.gz')]);
    await run('tar', ['-xzf', join(folder, 'pack.tar.gz'), '-C', folder]);
    unpacked = join(folder, 'utad-gpu-linux-x64');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('computes on the CPU with no path, no Node and no settings of the machine', async () => {
    const { stdout } = await run(join(unpacked, 'utad'), ['doctor', '--device', 'cpu', '--json'], {
      cwd: '/',
      env: { PATH: '' },
    });
    const { serves, backends } = JSON.parse(stdout) as DeviceChoice;
    expect(serves).toBe('cpu');
    expect(backends[0]).toMatchObject({ available: true, passed: true });
  });

  it('holds the Vulkan loader, instructions and the libraries of one system alone', async () => {
    expect((await readdir(unpacked)).sort()).toEqual(['LICENSE', 'README.txt', 'app', 'bin', 'lib', 'utad']);
    expect(await readdir(join(unpacked, 'lib/libvulkan.so.1'))).toEqual(['libvulkan.so.1']);
    const runtime = join(unpacked, 'app/node_modules/onnxruntime-node/bin');
    const [version] = await readdir(runtime);
    expect(await readdir(join(runtime, version!))).toEqual(['linux']);
    expect(await readdir(join(runtime, version!, 'linux'))).toEqual(['x64']);
    expect(await readdir(join(unpacked, 'app/node_modules'))).not.toContain('onnxruntime-web');
  });
});
