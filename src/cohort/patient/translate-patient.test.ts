import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tinyModelFile } from '../../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../../imaging/formats/volume-file.node.js';
import { defaultReadLimits } from '../../imaging/read-limits.js';
import { modelHash, openModelOnce } from '../open-model.js';
import type { TranslatePatientRun } from '../translation-job.js';
import { PatientOutcome } from './patient-outcome.js';
import { translatePatient } from './translate-patient.js';
import type { TranslationProgress } from './translation-observer.js';

let folder: string;
let run: TranslatePatientRun;
const models = openModelOnce();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-patient-'));
  const path = await tinyModelFile(folder);
  await writeVolumeFile(join(folder, 't1.nii.gz'), smoothHead([30, 30, 8], [8, 8, 18]));
  const translation = (target: string, source: string) => ({
    target,
    source,
    from: { path: join(folder, `${source}.nii.gz`) },
    chosenBy: 'the test',
    out: join(folder, `${target}-synthetic.nii.gz`),
  });
  run = {
    kind: 'translate-patient',
    patient: 'p',
    settings: {
      model: { path, sha256: await modelHash(path) },
      device: 'cpu',
      threads: 1,
      datatype: 'float32',
      format: 'nifti',
      skullStrip: null,
      check: null,
      limits: defaultReadLimits,
      force: false,
    },
    translations: [translation('t1ce', 't2'), translation('t2', 't1'), translation('flair', 't1')],
    scans: {},
    brain: null,
    linkedScans: [],
  };
});
afterEach(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

it('goes on with the other volumes where one fails, tells an observer, and keeps what is finished', async () => {
  await writeFile(join(folder, 't2.nii.gz'), 'no image');
  const observer = { onWritten: vi.fn(), onProgress: vi.fn() };
  const outcome = new PatientOutcome();
  await expect(translatePatient(run, outcome, { open: models.open, observer })).rejects.toThrow('t2.nii.gz');
  expect(outcome.result().translations.map(({ target, status }) => [target, status])).toEqual([
    ['t1ce', 'failed'],
    ['t2', 'translated'],
    ['flair', 'translated'],
  ]);
  expect(observer.onWritten.mock.calls.map(([{ translation }]) => translation.target)).toEqual([
    't2',
    'flair',
  ]);
  const last = observer.onProgress.mock.calls.at(-1)![0] as TranslationProgress;
  expect(last).toMatchObject({ index: 2, count: 3, done: last.total });

  const again = new PatientOutcome();
  const finished = { ...run, translations: run.translations.slice(1) };
  await translatePatient(finished, again, { open: models.open });
  expect(again.result().translations.map(({ status }) => status)).toEqual(['kept', 'kept']);
});

it('stops between slices, without half a volume', async () => {
  const stop = new AbortController();
  const observer = { onProgress: () => stop.abort() };
  const work = translatePatient({ ...run, translations: run.translations.slice(1) }, new PatientOutcome(), {
    open: models.open,
    observer,
    signal: stop.signal,
  });
  await expect(work).rejects.toThrow('utad translate: stopped');
  await expect(stat(join(folder, 't2-synthetic.nii.gz'))).rejects.toThrow('ENOENT');
  await expect(stat(join(folder, 't2-synthetic.json'))).rejects.toThrow('ENOENT');
});

it('overwrites nothing that it did not write, unless it is forced to', async () => {
  const out = join(folder, 'flair-synthetic.nii.gz');
  await writeFile(out, 'somebody else’s');
  const outcome = new PatientOutcome();
  const one = { ...run, translations: run.translations.slice(2) };
  await expect(translatePatient(one, outcome, { open: models.open })).rejects.toThrow(
    'exists and was not written by utad translate',
  );
  const forced = { ...one, settings: { ...one.settings, force: true } };
  const again = new PatientOutcome();
  await translatePatient(forced, again, { open: models.open });
  expect(again.result().translations.map(({ status }) => status)).toEqual(['translated']);
});
