import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeHeadPatients } from '../../test/fixtures/head-patients.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { train } from '../training/loop.node.js';
import { resolveConfiguration } from '../training/presets.js';
import { networkInUse } from '../training/state.js';
import { studentMethod, teacherMethod } from './utad.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-any-source-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const modalities = ['t1', 't2'];
const small = {
  'model.modalities': modalities,
  'model.sliceSide': 32,
  'model.levels': 2,
  'model.baseChannels': 2,
  'model.detailChannels': 2,
  'model.criticBaseChannels': 2,
  'data.preparation.fieldOfViewMm': 256,
  'optimiser.warmUp': 2,
  'schedule.batchSize': 2,
  'schedule.iterations': 4,
  'schedule.checkpointEvery': 1,
  'validation.every': 2,
};
const configuration = resolveConfiguration('any-source', small);
const {
  model: { sliceSide },
  data: { preparation },
} = configuration;
const recipe = { sliceSide, ...preparation };
const cases = await writeHeadPatients(join(folder, 'data'));

async function run(name: string, method = studentMethod(configuration), stopAfter?: number) {
  const assignments = cases.map((one) => ({ case: one, modalities }));
  const store = await prepareSliceStore(join(folder, 'slices'), assignments, recipe, method.slices);
  const held = await loadPreparedPatient(cases[0]!, recipe, modalities);
  const stop = new AbortController();
  const state = await train({
    method,
    held: [method.validation.choose(held, 4)],
    folder: join(folder, name),
    store,
    runtime: createNodeRuntime('cpu', { threads: 1 }),
    observer: {
      onBegin: () => undefined,
      onNotice: () => undefined,
      onStep: (_, iteration) => (iteration === stopAfter ? stop.abort() : undefined),
      onValidation: async () => undefined,
    },
    signal: stop.signal,
    now: () => 0,
    startedAt: null,
  });
  return { state, held };
}

it('trains without a teacher, resumes bit-equal, and is scored from each source and from all others', async () => {
  const { state, held } = await run('whole');
  expect(Object.keys(state.tensors).some((name) => name.startsWith('T.'))).toBe(false);
  await expect(run('parts', studentMethod(configuration), 2)).rejects.toThrow('stopped after iteration 2');
  expect((await run('parts')).state.tensors).toEqual(state.tensors);
  const { validation } = studentMethod(configuration);
  const validator = await validation.open(createNodeRuntime('cpu', { threads: 1 }), [
    validation.choose(held, 4),
  ]);
  const { score } = await validator!.score(networkInUse('G', state.tensors));
  const { directions, allButOne } = score;
  expect(directions.map(({ source, target }) => [source, target])).toEqual([
    [0, 1],
    [1, 0],
  ]);
  // With two modalities, all others are the other one.
  expect(allButOne.map(({ correlation }) => correlation)).toEqual([
    directions[1]!.correlation,
    directions[0]!.correlation,
  ]);
});

it('a teacher is given the mask, and a student begins with all else that it has learnt', async () => {
  const taught = resolveConfiguration('any-source', { ...small, 'losses.generator.sup': 1 });
  const teacher = (await run('teacher', teacherMethod(taught))).state.tensors;
  const kernel = 'G.encoder.features.convblock1.conv1.unit.0.weight';
  expect(teacher[kernel]!.shape).toEqual([2, 3, 3, 3]);
  const start = await studentMethod(taught, async () => teacher).start();
  expect(start[kernel]!.shape).toEqual([2, 2, 3, 3]);
  // Each output's kernels without the third plane.
  const expected = [...teacher[kernel]!.data].filter((_, i) => i % 27 < 18);
  expect([...start[kernel]!.data]).toEqual(expected);
  expect(start['G.value.weight']).toEqual(teacher['G.value.weight']);
  expect(start[`T.${kernel.slice(2)}`]).toEqual(teacher[kernel]);
});
