import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePhantoms } from '../src/cli/phantom.js';
import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';
import { cycleganMethod } from '../src/methods/cyclegan.js';
import { segmentationScoreSchema } from '../src/methods/segmenter-validation.js';
import { translationScoreSchema } from '../src/methods/translation-score.js';
import { continueRun } from '../src/runs/continue-run.js';
import { readRunRecord, runPaths } from '../src/runs/run-folder.js';
import { latestCheckpoint } from '../src/training/checkpoint.node.js';
import { bestCheckpointPath, checkpointPath } from '../src/training/checkpoint-files.node.js';
import { type JournalLine, journalPath, readJournal } from '../src/training/journal.node.js';
import { resolveConfiguration } from '../src/training/presets.js';

const kept = new URL('fixtures/version-0.1.0/', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-earlier-'));
  const data = { out: join(folder, 'data'), patients: '6', seed: '7', spacing: '4' };
  await makePhantoms({ ...data, format: 'nii.gz', layout: 'brats' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run of version 0.1.0 after 2 of 4 iterations, on data that lie elsewhere now. */
async function resume(name: string, method: string): Promise<string> {
  const run = join(folder, name);
  await cp(join(kept, name), run, { recursive: true });
  // The second iteration was also the best one: both files were the same.
  const training = runPaths.training(run, method);
  await cp(checkpointPath(training, 2), bestCheckpointPath(training));
  const record = JSON.parse(await readFile(runPaths.record(run), 'utf8')) as object;
  await writeFile(runPaths.record(run), JSON.stringify({ ...record, dataSet: join(folder, 'data') }));
  await continueRun(run, {
    runtime: createNodeRuntime('cpu', { threads: 1 }),
    observer: {
      onBegin: () => undefined,
      onStep: () => undefined,
      onNotice: () => undefined,
      onValidation: async () => undefined,
    },
    onPrepare: () => undefined,
    signal: new AbortController().signal,
  });
  return run;
}

/** Both journals say the same of every iteration, but for how another machine rounds. */
function expectSame(own: readonly JournalLine<object>[], expected: readonly JournalLine<object>[]): void {
  expect(own.map(({ kind, iteration }) => `${kind} ${iteration}`)).toEqual(
    expected.map(({ kind, iteration }) => `${kind} ${iteration}`),
  );
  own.forEach((line, i) => {
    const other = expected[i]!;
    if (line.kind !== 'step' || other.kind !== 'step') return;
    expect(line.learningRate).toBe(other.learningRate);
    expect(Object.keys(line.losses)).toEqual(Object.keys(other.losses));
    for (const [name, value] of Object.entries(line.losses))
      expect(Math.abs(value - other.losses[name]!), `${line.iteration} ${name}`).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(value)),
      );
  });
}

it('continues the run of a teacher and its student', async () => {
  const run = await resume('run', 'teacher');
  const [own, expected] = await Promise.all(
    [run, join(kept, 'run')].map((one) =>
      readJournal(journalPath(runPaths.training(one, 'teacher')), translationScoreSchema),
    ),
  );
  expectSame(own!, expected!);
  const student = await readJournal(journalPath(runPaths.training(run, 'student')), translationScoreSchema);
  expect(student.filter(({ kind }) => kind === 'step')).toHaveLength(4);
  expect((await readFile(runPaths.model(run, 'student'))).length).toBeGreaterThan(1000);
});

it('continues the run of a segmenter', async () => {
  const run = await resume('segmenter', 'segmenter');
  expect((await readRunRecord(run)).kind).toBe('segmenter');
  const [own, expected] = await Promise.all(
    [run, join(kept, 'segmenter')].map((one) =>
      readJournal(journalPath(runPaths.training(one, 'segmenter')), segmentationScoreSchema),
    ),
  );
  expectSame(own!, expected!);
  expect((await readFile(runPaths.model(run, 'segmenter'))).length).toBeGreaterThan(1000);
});

it('continues a rival of a comparison', async () => {
  const configuration = resolveConfiguration('tiny', {
    'model.sliceSide': 32,
    'model.baseChannels': 2,
    'model.levels': 2,
    'model.criticBaseChannels': 2,
    'model.criticLayers': 3,
    'schedule.batchSize': 2,
    'optimiser.averageDecay': 0.5,
  });
  const state = await latestCheckpoint(
    join(kept, 'cyclegan'),
    cycleganMethod(configuration, 1, { first: 0, second: 1 }),
    () => undefined,
  );
  expect(state).toMatchObject({ method: 'cyclegan t1 t1ce', iteration: 2, best: null });
});
