import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addInspectCommand } from './add-inspect-command.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-cli-inspect-'));
  await mkdir(join(folder, 'a'));
  await writeVolumeFile(join(folder, 'a', 'a_t1.nii.gz'), smoothHead([30, 30, 10], [8, 8, 14]));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

async function inspect(...options: readonly string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const program = new Command();
  addInspectCommand(program);
  await program.parseAsync(['node', 'utad', 'inspect', folder, ...options]);
  return lines.join('\n');
}

describe('utad inspect', () => {
  it('prints a table of patients, then problems, then a summary, and ends with 0 for warnings', async () => {
    const text = await inspect();
    expect(text).toMatch(/patient\s+t1\s+t1ce\s+t2\s+flair\s+mask\s+size/);
    expect(text).toMatch(/a\s+✓\s+–\s+–\s+–\s+–\s+30×30×10\s+8×8×14\s+LPS/);
    expect(text).toContain('a: no t1ce');
    expect(text).toContain('1 patient, 0 errors, 4 warnings.');
    expect(process.exitCode).toBeUndefined();
  });

  it('prints JSON and ends with 1 when a file cannot be used', async () => {
    await writeFile(join(folder, 'a', 'a_seg.nii.gz'), 'nothing');
    const json = JSON.parse(await inspect('--json')) as { patients: Record<string, unknown>[] };
    expect(json).toMatchObject({
      layout: 'brats',
      because: 'a folder a patient, with files named as in BraTS',
      modalities: ['t1', 't1ce', 't2', 'flair'],
      problems: 4,
      errors: 1,
      general: [],
      patients: [{ id: 'a', size: [30, 30, 10], orientation: 'LPS', labels: null, convention: null }],
    });
    expect(json.patients[0]!['problems']).toContainEqual({
      severity: 'error',
      text: expect.stringContaining('the mask cannot be read') as string,
    });
    expect(process.exitCode).toBe(1);
  });
});
