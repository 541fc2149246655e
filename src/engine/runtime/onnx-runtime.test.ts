import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGraph } from '../graph/graph.js';
import './onnx-runtime.node.js';
import { input, scale } from '../graph/operations.js';
import { writeOnnx } from '../onnx/write-onnx.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'utad-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** What a process that runs a network leaves in its home. */
function leftAtHome(environment: Readonly<Record<string, string>>): readonly string[] {
  const network = join(home, 'network.onnx');
  writeFileSync(network, writeOnnx(createGraph('double', { y: scale(input('x', [1]), 2) })));
  const runtime = pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-node')).href;
  const program = `const ort = (await import('${runtime}')).default; await ort.InferenceSession.create('${network}');`;
  const env = { PATH: process.env['PATH'], HOME: home, ...environment };
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { env });
  return readdirSync(home).filter((name) => name !== 'network.onnx');
}

describe('ONNX Runtime for Node', () => {
  it('is set to send nothing, and then keeps no identifier of the machine', () => {
    const setting = process.env['ORT_DISABLE_TELEMETRY']!;
    expect(setting).toBe('1');
    expect(leftAtHome({ ORT_DISABLE_TELEMETRY: setting })).toEqual([]);
  });
});
