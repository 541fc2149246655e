import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addExamination, bidsScan, describeBids } from './fixtures/bids-data-set.js';
import { type BuiltUtad, buildUtad, type Outcome } from './fixtures/built-utad.js';
import { tinyModelFile } from './fixtures/tiny-model.js';
import { tinySegmenterFile } from './fixtures/tiny-segmenter.js';

const run = promisify(execFile);
const snakefile = fileURLToPath(new URL('../workflow/Snakefile', import.meta.url));
const version = await run('snakemake', ['--version']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);
if (version === undefined)
  process.stderr.write(
    'the Snakemake workflow: skipped, there is no snakemake here (apt-get install snakemake)\n',
  );

let utad: BuiltUtad;
let data: string;
let model: string;

beforeAll(async () => {
  utad = await buildUtad();
  data = join(utad.folder, 'bids');
  model = await tinyModelFile(utad.folder);
  await describeBids(data);
  await addExamination(data, 'sub-01', ['t1', 't2', 'flair']);
  await addExamination(data, 'sub-02_ses-a', ['t1', 't1ce', 't2']);
  await addExamination(data, 'sub-02_ses-b', ['t1', 't1ce', 't2', 'flair']);
  await addExamination(data, 'sub-03', ['t1', 't1ce', 'flair']);
});
afterAll(() => utad.remove());

const files = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).sort();

describe('utad bids in several processes at once', () => {
  it('fills one output folder for a participant each, as one call for all does', async () => {
    const [alone, together] = [join(utad.folder, 'alone'), join(utad.folder, 'together')];
    const options = ['--model', model, '--jobs', '1', '--threads', '1'];
    const call = (out: string, ...more: string[]): Promise<Outcome> =>
      utad.call('bids', data, out, 'participant', ...options, ...more);
    const calls = ['01', '02', '03'].map((label) => call(together, '--participant-label', label));
    for (const { status, stderr } of await Promise.all([call(alone), ...calls]))
      expect(status, stderr).toBe(0);
    expect(await files(together)).toEqual(await files(alone));
    for (const name of ['dataset_description.json', '.bidsignore'])
      expect(await readFile(join(together, name)), name).toEqual(await readFile(join(alone, name)));
  });
});

describe.skipIf(version === undefined)('the Snakemake workflow', () => {
  /** Runs the workflow to its end. @returns its status and what it said */
  async function snakemake(...config: string[]): Promise<{ status: number; said: string; rules: string[] }> {
    const command = `utad=${process.execPath} ${utad.main}`;
    const out = `out=${join(utad.folder, 'results')}`;
    const settings = [`data=${data}`, `model=${model}`, out, command, 'threads=1', ...config];
    const options = ['-s', snakefile, '--cores', '2', '--nocolor', '--config', ...settings];
    const { status, said } = await run('snakemake', options, { cwd: utad.folder }).then(
      ({ stdout, stderr }) => ({ status: 0, said: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        status: error.code,
        said: error.stdout + error.stderr,
      }),
    );
    const rules = [...said.matchAll(/^(?:rule|checkpoint) (\w+):$/gm)].map(([, name]) => name!);
    return { status, said, rules: rules.sort() };
  }
  const table = (): Promise<string> => readFile(join(utad.folder, 'results/utad/group_volumes.tsv'), 'utf8');

  it('goes on past a broken patient, does nothing twice, and only what is new once it is repaired', async () => {
    const broken = bidsScan(data, 'sub-03', 't1');
    const whole = await readFile(broken);
    await writeFile(broken, 'no image');
    await mkdir(join(data, 'sub-04'));
    const first = await snakemake();
    expect(first.status, first.said).toBe(0);
    const each = Array.from({ length: 5 }, () => 'participant');
    expect(first.rules).toEqual(['evaluate', 'group', 'inspect', ...each]);
    expect(first.said).toMatch(/^failed: sub-03: .*sub-03_T1w\.nii\.gz: expected a NIfTI image/m);
    const rows = (await table()).split('\n').map((line) => line.split('\t').slice(0, 5).join(' '));
    expect(rows.slice(1)).toEqual([
      'sub-01 n/a translated t1ce t1',
      'sub-02 ses-a translated flair t1',
      'sub-02 ses-b complete n/a n/a',
      'sub-03 n/a failed t2 t1',
      'sub-04 n/a failed n/a n/a',
      '',
    ]);
    const again = await snakemake();
    expect(again.said).toContain('Nothing to be done');
    expect([again.status, again.rules]).toEqual([0, []]);

    await writeFile(broken, whole);
    await rm(join(data, 'sub-04'), { recursive: true });
    const repaired = await snakemake(`segmenter=${await tinySegmenterFile(utad.folder)}`);
    expect(repaired.status, repaired.said).toBe(0);
    expect(repaired.rules).toEqual(['check', 'evaluate', 'group', 'inspect', 'participant']);
    expect(await table()).toMatch(/^sub-03\tn\/a\ttranslated\tt2\tt1\t/m);
  });

  it('says what is wrong with its configuration, and fails where nothing can be made', async () => {
    expect((await snakemake('modle=x')).said).toContain('config: expected data, model, out');
    await writeFile(join(utad.folder, 'no.onnx'), 'no model');
    const lost = await snakemake(`model=${join(utad.folder, 'no.onnx')}`);
    expect(lost.status).toBe(1);
    expect(lost.said).toContain('Error in rule participant');
  });
});
