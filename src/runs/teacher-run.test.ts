import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveConfiguration } from '../training/presets.js';
import { readRunRecord, readTranslatorRecord, writeRunRecord } from './run-folder.js';
import { fieldsOfTeacher, requireTeacher } from './teacher-run.js';

const taught = resolveConfiguration('small', {
  'model.baseChannels': 32,
  'model.sliceSide': 64,
  'data.preparation.fieldOfViewMm': 200,
});
let run: string;
beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), 'utad-teacher-'));
  await writeRunRecord(run, {
    kind: 'translator',
    format: 1,
    created: '2024-01-01T00:00:00Z',
    codeVersion: '0',
    dataSet: 'data',
    configuration: taught,
    trainingCases: ['a'],
    validationCases: ['b'],
    assignment: { a: ['t1'] },
    stages: 'teacher',
    teacherRun: null,
  });
});
afterAll(() => rm(run, { recursive: true }));

it("makes a student's networks and slices as its teacher's, and nothing else", async () => {
  const student = resolveConfiguration('tiny', {
    ...(await fieldsOfTeacher(run)),
    'model.studentBaseChannels': 8,
  });
  expect(student).toMatchObject({
    model: { baseChannels: 32, studentBaseChannels: 8, sliceSide: 64, targetConditioning: false },
    data: { preparation: { fieldOfViewMm: 200 } },
    schedule: { batchSize: 4 },
  });
  expect((await requireTeacher(run, student)).trainingCases).toEqual(['a']);
});

it('keeps what each patient contributes, whatever a patient is called', async () => {
  const other = join(run, 'other');
  const assignment = Object.fromEntries([
    ['__proto__', ['t1']],
    ['constructor', ['t2']],
  ]);
  const { kind: _, ...record } = await readTranslatorRecord(run);
  await writeRunRecord(other, { ...record, kind: 'translator', assignment });
  expect(Object.entries((await readTranslatorRecord(other)).assignment)).toEqual(Object.entries(assignment));
});

it.each([
  [
    { 'model.baseChannels': 8 },
    /model.baseChannels: expected 32 as in .*, got 8\. .* of another width is asked for with model.studentBaseChannels/,
  ],
  [
    { 'data.preparation.fieldOfViewMm': 256 },
    /data.preparation.fieldOfViewMm: expected 200 as in .*, got 256\. Leave it out/,
  ],
  [{ 'data.preparation.centre': 'grid' }, /centre: expected none as in .*, got "grid"/],
  [{ 'model.contextSlices': 1 }, /model.contextSlices: expected 0 as in .*, got 1\. Leave it out/],
])('refuses a student with %j', async (fields, message) => {
  const student = resolveConfiguration('small', { ...(await fieldsOfTeacher(run)), ...fields });
  await expect(requireTeacher(run, student)).rejects.toThrow(message);
});

it('reads a run that was begun with options that were removed since off, and names one that was on', async () => {
  const path = join(run, 'run.json');
  const record = JSON.parse(await readFile(path, 'utf8')) as { configuration: object };
  const write = (more: object): Promise<void> =>
    writeFile(path, JSON.stringify({ ...record, configuration: { ...record.configuration, ...more } }));
  await write({ fusionNorm: 'batch', adversary: 'wasserstein' });
  expect((await readRunRecord(run)).configuration).toEqual(taught);
  await write({ adversary: 'hinge' });
  await expect(readRunRecord(run)).rejects.toThrow(
    `${path}: the option adversary (here "hinge") was removed after version 0.1.0. Leave it out`,
  );
  await write({});
});
