import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  configuration,
  only,
  store,
  teacher,
  trainerIn,
  validationOf,
} from '../../test/fixtures/small-training.js';
import { startStudent, startTeacher } from '../../test/fixtures/start-state.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { latestCheckpoint, loadCheckpoint } from '../training/checkpoint.node.js';
import { checkpointPath } from '../training/checkpoint-files.node.js';
import { eventPath } from '../training/event-file.node.js';
import { readJournal } from '../training/journal.node.js';
import { train } from '../training/loop.node.js';
import { resolveConfiguration } from '../training/presets.js';
import { networkInUse, type TrainingState } from '../training/state.js';
import { modelOf } from '../training/training-configuration.js';
import { type TranslationScore, translationScoreSchema } from './translation-score.js';
import { utadMethod } from './utad.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-resume-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const run = trainerIn(folder);

it.each([1, 5])(
  'is bit-equal whether it ran through or was stopped after iteration %i and resumed',
  async (stopAfter) => {
    const whole = await run(`whole-${stopAfter}`, 'teacher', teacher);
    await expect(run(`parts-${stopAfter}`, 'teacher', teacher, stopAfter)).rejects.toThrow(
      'continue with --resume',
    );
    const parts = await run(`parts-${stopAfter}`, 'teacher', async () => {
      throw new Error('a stage with a checkpoint does not start anew');
    });
    expect(parts.iteration).toBe(8);
    expect(parts.best).toEqual(whole.best);
    for (const [name, { data }] of Object.entries(whole.tensors))
      expect(parts.tensors[name]!.data, name).toEqual(data);
    const [journal, resumed] = await Promise.all(
      ['whole', 'parts'].map((label) =>
        readJournal(join(folder, `${label}-${stopAfter}`, 'journal.jsonl'), translationScoreSchema),
      ),
    );
    expect(resumed).toEqual(journal);
    const [events, again] = await Promise.all(
      ['whole', 'parts'].map((label) => readFile(eventPath(join(folder, `${label}-${stopAfter}`)))),
    );
    expect(again).toEqual(events);
  },
);

it('keeps a moving average of the generator and uses it', async () => {
  const state = await run('averaged', 'teacher', teacher);
  const before = (
    await loadCheckpoint(checkpointPath(join(folder, 'averaged'), 6), utadMethod(configuration, 'teacher'))
  ).tensors;
  const used = networkInUse('G', state.tensors);
  expect(Object.keys(used).sort()).toEqual(Object.keys(only('G', state.tensors)).sort());
  for (const name of ['img_decoder.score.weight', 'fusion.layer1.1.running_mean']) {
    // Decay 0.5, one generator update between iterations 6 and 8.
    state.tensors[`G.${name}`]!.data.forEach((value, i) => {
      const expected = 0.5 * before[`averageG.${name}`]!.data[i]! + 0.5 * value;
      expect(used[`G.${name}`]!.data[i]).toBeCloseTo(expected, 6);
      expect(used[`G.${name}`]!.data[i]).not.toBe(value);
    });
  }
});

it('keeps two checkpoints and the best', async () => {
  await run('kept', 'teacher', teacher);
  const names = (await readdir(join(folder, 'kept'))).sort();
  expect(names).toEqual([
    'best.safetensors',
    'events.out.tfevents.0.utad',
    'iteration-0000006.safetensors',
    'iteration-0000008.safetensors',
    'journal.jsonl',
  ]);
});

it('trains a student whose frozen teacher stays as it was', async () => {
  const taught = await run('taught', 'teacher', teacher);
  const model = modelOf(configuration);
  const begun = startStudent(only('G', taught.tensors), model, 1, true);
  const student = await run('student', 'student', async () => begun);
  const name = 'img_encoder.features.convblock1.conv1.unit.0.weight';
  expect(student.tensors[`T.${name}`]!.data).toEqual(taught.tensors[`G.${name}`]!.data);
  expect(student.tensors[`G.${name}`]!.data).not.toEqual(taught.tensors[`G.${name}`]!.data);
  const lines = await readJournal(join(folder, 'student', 'journal.jsonl'), translationScoreSchema);
  const generator = lines.flatMap((line) =>
    line.kind === 'step' && 'generator.sup' in line.losses ? [line.losses] : [],
  );
  expect(generator).toHaveLength(4);
  expect(generator.every((losses) => losses['generator.feature']! > 0)).toBe(true);
});

it('trains a narrower student through an adapter, and resumes it bit-equal', async () => {
  const narrow = resolveConfiguration('tiny', {
    ...configuration,
    'model.baseChannels': 4,
    'model.studentBaseChannels': 2,
  });
  const [model, teacherModel] = [modelOf(narrow, 'student'), modelOf(narrow)];
  const taught = startTeacher(teacherModel, 1, true);
  const begin = async (): Promise<TrainingState<TranslationScore>> =>
    startStudent(networkInUse('G', taught.tensors), model, 1, true, teacherModel);
  const whole = await run('narrow', 'student', begin, Number.POSITIVE_INFINITY, narrow);
  await expect(run('narrow-parts', 'student', begin, 3, narrow)).rejects.toThrow('continue with --resume');
  const parts = await run('narrow-parts', 'student', begin, Number.POSITIVE_INFINITY, narrow);
  for (const [name, { data }] of Object.entries(whole.tensors))
    expect(parts.tensors[name]!.data, name).toEqual(data);
  // Bottlenecks of 2·2³ and 4·2³ features.
  expect(whole.tensors['adapter.weight']!.shape).toEqual([32, 16, 1, 1]);
  expect(whole.tensors['adapter.weight']!.data).not.toEqual((await begin()).tensors['adapter.weight']!.data);
  expect(whole.tensors['T.img_decoder.score.weight']!.shape).toEqual([1, 4, 1, 1]);
  expect(whole.tensors['G.img_decoder.score.weight']!.shape).toEqual([1, 2, 1, 1]);
});

it('trains both stages with neighbouring slices, and resumes them bit-equal', async () => {
  const around = resolveConfiguration('tiny', {
    ...configuration,
    'model.contextSlices': 1,
    'schedule.iterations': 4,
  });
  const model = modelOf(around);
  const begin = async (): Promise<TrainingState<TranslationScore>> => startTeacher(model, 1, true);
  const endless = Number.POSITIVE_INFINITY;
  const whole = await run('around', 'teacher', begin, endless, around);
  await expect(run('around-parts', 'teacher', begin, 3, around)).rejects.toThrow('continue with --resume');
  const parts = await run('around-parts', 'teacher', begin, endless, around);
  for (const [name, { data }] of Object.entries(whole.tensors))
    expect(parts.tensors[name]!.data, name).toEqual(data);

  // Image, three targets, the brain; and one slice below and one above.
  const [image, tumour] = ['img', 'tumor'].map(
    (one) => `G.${one}_encoder.features.convblock1.conv1.unit.0.weight`,
  );
  expect(whole.tensors[image!]!.shape).toEqual([2, 7, 3, 3]);
  expect(whole.tensors[tumour!]!.shape).toEqual([2, 5, 3, 3]);
  const [first, trained] = [(await begin()).tensors[image!]!.data, whole.tensors[image!]!.data];
  for (const plane of [0, 5, 6])
    expect(trained.slice(9 * plane, 9 * plane + 9), `plane ${plane}`).not.toEqual(
      first.slice(9 * plane, 9 * plane + 9),
    );

  const taught = networkInUse('G', whole.tensors);
  const begun = startStudent(taught, model, 1, true);
  expect(begun.tensors[image!]).toBe(taught[image!]);
  expect(begun.tensors[tumour!]).not.toEqual(taught[tumour!]);
  const student = await run('around-student', 'student', async () => begun, endless, around);
  expect(student.iteration).toBe(4);
  expect(student.tensors[image!]!.data).not.toEqual(taught[image!]!.data);
  expect(student.best).not.toBeNull();
});

it('trains both stages with every option that the publication has not', async () => {
  const options = resolveConfiguration('tiny', {
    ...configuration,
    'losses.truthError': 'absolute',
    'losses.pixelWeights': { brain: 2, tumour: 5 },
  });
  const model = modelOf(options);
  const endless = Number.POSITIVE_INFINITY;
  const begin = async (): Promise<TrainingState<TranslationScore>> => startTeacher(model, 1, true);
  const taught = await run('options', 'teacher', begin, endless, options);
  const begun = startStudent(networkInUse('G', taught.tensors), model, 1, true);
  const student = await run('options-student', 'student', async () => begun, endless, options);
  expect(student.iteration).toBe(8);
  const lines = await readJournal(join(folder, 'options-student', 'journal.jsonl'), translationScoreSchema);
  const steps = lines.flatMap((line) => (line.kind === 'step' ? [line.losses] : []));
  expect(steps).toHaveLength(8);
  for (const losses of steps) {
    expect(losses['critic.gp']).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(losses)) expect(Number.isFinite(value), name).toBe(true);
  }
});

it('stops at a loss that is not finite, names the term and keeps the last good checkpoint', async () => {
  let poisoned = false;
  const spoilt: SliceStore = {
    ...store,
    read: (index) => {
      const record = store.read(index);
      return poisoned ? { ...record, image: record.image.fill(Number.NaN) } : record;
    },
  };
  const plan = {
    method: utadMethod(configuration, 'teacher'),
    folder: join(folder, 'poisoned'),
    store: spoilt,
    held: [validationOf(configuration)],
    runtime: createNodeRuntime('cpu', { threads: 1 }),
    signal: new AbortController().signal,
    now: () => 0,
    startedAt: 0,
    observer: {
      onBegin: () => undefined,
      onNotice: () => undefined,
      onStep: (_: string, iteration: number) => {
        poisoned = iteration === 5;
      },
      onValidation: async () => undefined,
    },
  };
  await expect(train(plan)).rejects.toThrow(
    /iteration 6, loss critic\.\w+: expected a finite number, got NaN\. .* The last good checkpoint is iteration 4, .*iteration-0000004\.safetensors\.$/,
  );
  expect((await latestCheckpoint(plan.folder, plan.method, () => undefined))?.iteration).toBe(4);
});
