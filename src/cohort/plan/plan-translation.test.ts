import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyMetadata } from '../../../test/fixtures/tiny-model.js';
import { defaultReadLimits } from '../../imaging/read-limits.js';
import { findInput } from './find-input.js';
import { planTranslation } from './plan-translation.js';
import type { TranslationRequest } from './translation-request.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-plan-'));
});
afterEach(() => rm(folder, { recursive: true }));

const metadata = tinyMetadata();

function requestOf(parts: Partial<TranslationRequest> = {}): TranslationRequest {
  return {
    to: 'missing',
    out: join(folder, 'out'),
    settings: {
      model: { path: 'model.onnx', sha256: '0' },
      device: 'cpu',
      threads: 1,
      datatype: 'float32',
      format: 'nifti',
      skullStrip: null,
      check: null,
      limits: defaultReadLimits,
      force: false,
    },
    ...parts,
  };
}

/** An empty file: planning reads no volume. */
async function scan(...names: readonly string[]): Promise<string> {
  const path = join(folder, ...names);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, '');
  return path;
}

const inputAt = (path: string) => findInput(path, { limits: defaultReadLimits, onePatient: false });

describe('a plan', () => {
  it('gives one volume and a patient of a data set jobs of the same form', async () => {
    const path = await scan('data', 'p', 'p_t1.nii.gz');
    const alone = await planTranslation(await inputAt(path), metadata, requestOf());
    const inCohort = await planTranslation(await inputAt(join(folder, 'data')), metadata, requestOf());
    const [one, same] = [alone.jobs[0]!, inCohort.jobs[0]!];
    expect([alone.jobs.length, inCohort.jobs.length]).toEqual([1, 1]);
    expect(one.id).toBe(same.id);
    expect(one.inputs).toEqual(same.inputs);
    const targets = ({ run }: typeof one) => run.translations.map(({ target, source }) => [target, source]);
    expect(targets(one)).toEqual([
      ['t1ce', 't1'],
      ['t2', 't1'],
      ['flair', 't1'],
    ]);
    expect(targets(one)).toEqual(targets(same));
    expect([alone.layout, inCohort.layout]).toEqual([undefined, 'brats']);
  });

  it('decides every output, and travels as JSON', async () => {
    const path = await scan('p_t1.nii.gz');
    const plan = await planTranslation(await inputAt(path), metadata, requestOf({ to: ['t2', 'flair'] }));
    expect(plan.jobs[0]!.outputs).toEqual([
      join(folder, 'out', 'p_t2-synthetic.nii.gz'),
      join(folder, 'out', 'p_flair-synthetic.nii.gz'),
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('notes what a name contradicts, and leaves a file of the same name alone', async () => {
    const path = await scan('p_t1.nii.gz');
    const out = join(folder, 'made.nii.gz');
    const request = requestOf({ to: ['t2'], from: 'flair', out });
    const { jobs } = await planTranslation(await inputAt(path), metadata, request);
    expect(jobs[0]!.run.translations).toEqual([
      {
        target: 't2',
        source: 'flair',
        from: { path },
        chosenBy: '--from',
        out,
        notes: ['its name says t1; it is taken for flair, as --from says'],
      },
    ]);
    await writeFile(out, 'something');
    await expect(planTranslation(await inputAt(path), metadata, request)).rejects.toThrow(
      `${out}: exists already.`,
    );
  });

  it('refuses a series as the output of a file before anything is computed', async () => {
    const path = await scan('p_t1.nii.gz');
    const { settings } = requestOf();
    const request = requestOf({ to: ['t2'], settings: { ...settings, format: 'dicom' } });
    await expect(planTranslation(await inputAt(path), metadata, request)).rejects.toThrow(
      `${path}: this is no DICOM series`,
    );
  });
});
