import type { Tensors } from '../engine/graph/tensor.js';
import { segmenterMethod } from '../methods/segmenter-method.js';
import type { TranslatorMethod } from '../methods/translator.js';
import { studentMethod, teacherMethod } from '../methods/utad.js';
import { loadBest } from '../training/checkpoint.node.js';
import type { Method } from '../training/method.js';
import { networkInUse } from '../training/state.js';
import { hasTeacher } from '../training/training-configuration.js';
import { type RunRecord, runPaths, type TranslatorRecord } from './run-folder.js';
import { requireTeacher } from './teacher-run.js';

/** The methods that a run trains, in this order; all of one kind. */
export type RunMethods<Score, Held> = readonly [Method<Score, Held>, ...Method<Score, Held>[]];

/** Hands the methods of a run to work that holds for methods of any kind. */
export function useMethodsOf<Result>(
  run: string,
  record: RunRecord,
  work: <Score, Held>(methods: RunMethods<Score, Held>) => Promise<Result>,
): Promise<Result> {
  return record.kind === 'segmenter'
    ? work([segmenterMethod(record.configuration)])
    : work(translatorMethods(run, record));
}

/** Teacher, student or both. The student begins with the best teacher of the run, or of the run that is named. */
export function translatorMethods(
  run: string,
  record: Pick<TranslatorRecord, 'configuration' | 'stages' | 'teacherRun'>,
): readonly [TranslatorMethod, ...TranslatorMethod[]] {
  const { configuration, stages, teacherRun } = record;
  const teacher = teacherMethod(configuration);
  if (stages === 'teacher') return [teacher];
  if (!hasTeacher(configuration)) return [studentMethod(configuration)];
  const student = studentMethod(configuration, async (): Promise<Tensors> => {
    const taught = teacherRun === null ? record : await requireTeacher(teacherRun, configuration);
    const folder = runPaths.training(teacherRun ?? run, 'teacher');
    return networkInUse('G', (await loadBest(folder, teacherMethod(taught.configuration))).tensors);
  });
  return stages === 'student' ? [student] : [teacher, student];
}
