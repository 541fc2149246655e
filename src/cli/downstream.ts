import { writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices/devices.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import {
  type DownstreamOptions,
  type Experiment,
  planExperiment,
  requireSame,
} from '../experiments/downstream-experiment.js';
import { filledPath, fillMissing, prepareFilled } from '../experiments/downstream-fill.js';
import {
  type Condition,
  caseOf,
  conditionsOf,
  downstreamPaths,
  inputsOf,
  slicesOf,
} from '../experiments/downstream-plan.js';
import {
  type ConditionResult,
  downstreamCsv,
  downstreamReport,
  downstreamTable,
} from '../experiments/downstream-report.js';
import { readResult } from '../experiments/downstream-result.js';
import { isRun } from '../runs/run-folder.js';
import { continueSegmenterRun, createSegmenterRun, prepareRegionStore } from '../runs/segment-run.js';
import { type JudgedPatient, judgePatient } from '../segmentation/judge-patient.node.js';
import { loadSegmenterFile } from '../segmentation/segmenter.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { progressOf } from '../terminal/progress.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { segmenterDisplay } from './segment-train.js';
import { stoppable } from './stoppable.js';
import { warn } from './warn.js';

async function downstream(
  folder: string,
  options: DownstreamOptions,
  runtime: Runtime,
  threads: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const dataSet = await resolveLabelsShown(found);
  const metadata = await readModelFileMetadata(options.model);
  const { experiment, cases } = await planExperiment(dataSet, metadata, options);
  await requireSame(options.out, experiment);
  const of = (ids: readonly string[]): CaseFiles[] => ids.map((id) => cases.get(id)!);
  const [train, test] = [of(experiment.train), of(experiment.test)];
  sayWhatIsDoubtful(metadata, train, test);

  const conditions = conditionsOf(experiment.sources);
  const results: ConditionResult[] = [];
  const stores = new Map<string, SliceStore>();
  const storeOf = async (key: string, make: () => Promise<SliceStore>): Promise<SliceStore> => {
    const store = stores.get(key) ?? (await make());
    stores.set(key, store);
    return store;
  };
  try {
    for (const condition of conditions) {
      const path = downstreamPaths.result(options.out, condition.name);
      const done = await readResult(path);
      const patients =
        done ??
        (await trainAndTest(condition, experiment, {
          dataSet,
          test,
          options,
          threads,
          runtime,
          signal,
          slices: async () => {
            const { configuration } = experiment;
            const { modalities } = configuration;
            const cache = downstreamPaths.cache(options.out);
            const prepare = progressOf('prepare');
            const real = await storeOf('real', () =>
              prepareRegionStore(cache, train, configuration, prepare),
            );
            const { missing, source, substitute } = condition;
            if (substitute !== 'translated') return slicesOf(condition, modalities, real, null);
            await fillMissing(
              [...train, ...test],
              missing!,
              source!,
              metadata,
              experiment,
              options,
              threads,
              signal,
            );
            const made = await storeOf(missing!, () =>
              prepareFilled(train, missing!, experiment, options.out),
            );
            return slicesOf(condition, modalities, real, made);
          },
        }));
      if (done === null) await writeJson(path, patients);
      results.push({ condition, patients });
    }
  } finally {
    for (const store of stores.values()) store.close();
  }
  const report = downstreamReport(experiment.configuration.regions, results);
  const about = { dataSet: experiment.dataSet, model: experiment.model, test: experiment.test };
  await writeJson(downstreamPaths.report(options.out), { ...about, ...report });
  await writeFileAtomic(downstreamPaths.table(options.out), downstreamCsv(report));
  console.log(downstreamTable(report));
  console.log(`\nWritten: ${downstreamPaths.report(options.out)}, report.csv`);
}

interface TestBench {
  readonly dataSet: DataSet;
  readonly test: readonly CaseFiles[];
  readonly options: DownstreamOptions;
  readonly threads: number | undefined;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly slices: () => Promise<SliceStore>;
}

/** Trains one network, or goes on with it, and judges it on the test patients as its condition has them. */
async function trainAndTest(
  condition: Condition,
  { configuration: common, train }: Experiment,
  { dataSet, test, options, threads, runtime, signal, slices }: TestBench,
): Promise<JudgedPatient[]> {
  const run = downstreamPaths.run(options.out, condition.name);
  const modalities = [...inputsOf(condition, common.modalities)];
  const configuration = { ...common, modalities };
  if (!(await isRun(run))) {
    const learning = dataSet.cases.filter(({ id }) => train.includes(id));
    const cases = { train: learning, validation: [] };
    await createSegmenterRun({ dataSet, dataSetOptions: dataSetOptions(options), run, configuration, cases });
  }
  const model = await continueSegmenterRun(run, {
    runtime,
    observer: segmenterDisplay(condition.name),
    onPrepare: () => undefined,
    signal,
    store: await slices(),
  });
  const segmenter = await loadSegmenterFile(model, threads === undefined ? {} : { threads });
  try {
    const filled = (missing: string, id: string): string => filledPath(options.out, missing, id);
    const judged: JudgedPatient[] = [];
    for (const one of test)
      judged.push(...(await judgePatient(caseOf(one, condition, filled), segmenter, [modalities])));
    return judged;
  } finally {
    await segmenter.close();
  }
}

function sayWhatIsDoubtful(
  { training }: ModelMetadata,
  train: readonly CaseFiles[],
  test: readonly CaseFiles[],
): void {
  const learnt = new Set((training?.trainingCases ?? []).map(patientOf));
  const known = test.filter(({ id }) => learnt.has(patientOf(id)));
  const warnings = [
    ...(known.length > 0
      ? [
          `The translator has learnt from ${known.map(({ id }) => id).join(', ')}, who are tested on: that flatters it.`,
        ]
      : []),
    ...(training === null
      ? ['The translator does not say what it was trained on: test patients may be among it.']
      : []),
  ];
  console.error(
    `${train.length} patients to learn from, ${test.length} to test on: ${test.map(({ id }) => id).join(', ')}`,
  );
  for (const warning of warnings) warn(warning);
}

export async function downstreamExperiment(folder: string, options: DownstreamOptions): Promise<void> {
  const threads =
    options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const runtime = await openDevice(options.device, threads);
  await stoppable('stopping; call again to go on', (signal) =>
    downstream(folder, options, runtime, threads, signal),
  );
}
