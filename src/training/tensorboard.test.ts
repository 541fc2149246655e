import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventPath, openEventFile } from './event-file.node.js';
import type { JournalLine } from './journal.node.js';
import { checksum, encodeFileVersion, encodeScalars } from './tensorboard.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/tensorboard-events.json', import.meta.url), 'utf8'),
) as Record<'version' | 'scalars', string>;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('has the check value of CRC-32C', () => {
  expect(checksum(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

it('writes the records that TensorBoard writes, to the byte', () => {
  expect(hex(encodeFileVersion(1_700_000_000.5))).toBe(golden.version);
  const scalars = { 'critic/real': -0.15625, 'validation/ssim': 0.875, 'ssim/t1 to flair': 1e-7 };
  expect(hex(encodeScalars({ wallTime: 1_700_000_123.25, step: 300, scalars }))).toBe(golden.scalars);
});

it('says what the journal says, whether opened once or again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'utad-events-'));
  const lines: JournalLine<number>[] = [
    { kind: 'step', iteration: 1, learningRate: 0.1, seconds: 2, losses: { 'critic.real': 3 } },
    { kind: 'validation', iteration: 1, score: 0.5 },
    { kind: 'step', iteration: 2, learningRate: 0.1, seconds: 3, losses: { 'critic.real': 4 } },
  ];
  const options = { startedAt: 100, scalarsOf: (score: number) => ({ 'validation/ssim': score }) };
  const file = await openEventFile(folder, lines.slice(0, 1), options);
  for (const line of lines.slice(1)) await file.append(line);
  const bytes = await readFile(eventPath(folder));
  const last = { 'critic/real': 4, 'update/learningRate': 0.1, 'update/seconds': 3 };
  const expected = hex(encodeScalars({ wallTime: 105, step: 2, scalars: last }));
  expect(hex(bytes).endsWith(expected)).toBe(true);
  await openEventFile(folder, lines, options);
  expect(await readFile(eventPath(folder))).toEqual(bytes);
  await rm(folder, { recursive: true });
});
