import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configuration, only, teacher, trainerIn } from '../../test/fixtures/small-training.js';
import { startStudent, startTeacher } from '../../test/fixtures/start-state.js';
import { eventPath } from '../training/event-file.node.js';
import { readJournal } from '../training/journal.node.js';
import { resolveConfiguration } from '../training/presets.js';
import { modelOf } from '../training/training-configuration.js';
import { translationScoreSchema } from './translation-score.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-resume-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const run = trainerIn(folder);

it.each([4])(
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

it('starts a student of its teacher width without an adapter, as published', () => {
  const model = modelOf(
    resolveConfiguration('tiny', {
      ...configuration,
      'model.studentBaseChannels': configuration.model.baseChannels,
    }),
    'student',
  );
  const taught = startTeacher(model, 1, false);
  const { tensors } = startStudent(only('G', taught.tensors), model, 1, false, modelOf(configuration));
  expect(Object.keys(tensors).filter((name) => name.includes('adapter'))).toEqual([]);
  expect(tensors['G.img_decoder.score.weight']).toBe(taught.tensors['G.img_decoder.score.weight']);
});
