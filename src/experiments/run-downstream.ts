import { z } from 'zod';
import { progressWhenKnown, type StartProgress } from '../base/progress-display.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { csvTable } from '../report/table.js';
import { continueRun } from '../runs/continue-run.js';
import { createSegmenterRun } from '../runs/plan-run.js';
import { prepareRegionStore } from '../runs/run-data.js';
import { isRun } from '../runs/run-folder.js';
import { withRun } from '../runs/run-owner.js';
import { loadSegmenterFile } from '../segmentation/segmenter.node.js';
import { type ValidatedPatient, validatePatient } from '../segmentation/validate-patient.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import type { TrainingObserver } from '../training/observer.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { DownstreamSettings } from './downstream-experiment.js';
import { filledPath, fillMissing, prepareFilled } from './downstream-fill.js';
import {
  type Condition,
  caseOf,
  conditionsOf,
  downstreamPaths,
  inputsOf,
  slicesOf,
} from './downstream-plan.js';
import { type ConditionResult, type DownstreamReport, downstreamReport } from './downstream-report.js';
import { downstreamTable } from './downstream-tables.js';
import type { ExperimentFolder, ResultForm } from './experiment-folder.js';

const figure = z.number();
const storedPatients = z.array(
  z.object({
    patient: z.string(),
    given: z.array(z.string()),
    regions: z.record(
      z.string(),
      z.object({ dice: figure, hausdorff95Mm: figure, foundMl: figure, trueMl: figure }),
    ),
  }),
);
const patientsForm: ResultForm<readonly ValidatedPatient[], typeof storedPatients> = {
  schema: storedPatients,
  read: (stored) => stored,
  write: (patients) => patients,
};

/** What the experiment is run with, besides its settings. */
interface DownstreamSetting {
  readonly settings: DownstreamSettings;
  readonly dataSet: DataSet;
  readonly dataSetFlags: DataSetFlags;
  readonly metadata: ModelMetadata;
  readonly train: readonly CaseFiles[];
  readonly test: readonly CaseFiles[];
  readonly runtime: Runtime;
  readonly device: string;
  readonly threads: number | undefined;
  readonly startProgress: StartProgress;
  /** Shows the training of a condition's network. */
  readonly observerOf: (condition: string) => TrainingObserver;
}

/**
 * Trains and tests a network for each condition, and writes report.json and report.csv; what is finished is kept.
 *
 * @throws UtadError interrupted when the experiment was asked to stop.
 */
export async function runDownstream(
  experiment: ExperimentFolder,
  setting: DownstreamSetting,
): Promise<DownstreamReport> {
  const { settings } = setting;
  const slices = conditionSlices(experiment, setting);
  const results: ConditionResult[] = [];
  try {
    for (const condition of conditionsOf(settings.sources)) {
      const work = async (): Promise<readonly ValidatedPatient[]> =>
        trainAndTest(condition, experiment, setting, await slices.of(condition));
      results.push({ condition, patients: await experiment.result(condition.name, patientsForm, work) });
    }
  } finally {
    slices.close();
  }
  const report = downstreamReport(settings.configuration.model.regions, results);
  const { dataSet, model, test } = settings;
  await experiment.write({
    'report.json': { dataSet, model, test, ...report },
    'report.csv': csvTable(downstreamTable(report)),
  });
  return report;
}

/** Prepared slices of the conditions; the stores that they share are opened once. */
function conditionSlices({ folder, signal, onNotice }: ExperimentFolder, setting: DownstreamSetting) {
  const { settings, metadata, train, test, startProgress } = setting;
  const { configuration } = settings;
  const stores = new Map<string, SliceStore>();
  const storeOf = async (key: string, open: () => Promise<SliceStore>): Promise<SliceStore> => {
    const store = stores.get(key) ?? (await open());
    stores.set(key, store);
    return store;
  };
  return {
    of: async (condition: Condition): Promise<SliceStore> => {
      const { modalities } = configuration.model;
      const real = await storeOf('real', () =>
        prepareRegionStore(downstreamPaths.cache(folder), train, configuration, {
          onProgress: progressWhenKnown(startProgress, 'prepare'),
          onNotice,
        }),
      );
      const { missing, source, substitute } = condition;
      if (substitute !== 'translated') return slicesOf(condition, modalities, real, null);
      const filling = { ...setting, folder, model: settings.model, signal };
      await fillMissing([...train, ...test], missing!, source!, metadata, filling);
      const translated = await storeOf(missing!, () =>
        prepareFilled(train, missing!, configuration, { folder, startProgress, onNotice }),
      );
      return slicesOf(condition, modalities, real, translated);
    },
    close: (): void => {
      for (const store of stores.values()) store.close();
    },
  };
}

/** Trains one network, or goes on with it, and tests it on the test patients as its condition has them. */
async function trainAndTest(
  condition: Condition,
  { folder, signal }: ExperimentFolder,
  { settings, dataSet, dataSetFlags, test, runtime, threads, observerOf }: DownstreamSetting,
  store: SliceStore,
): Promise<readonly ValidatedPatient[]> {
  const { configuration: common, train } = settings;
  const run = downstreamPaths.run(folder, condition.name);
  const modalities = [...inputsOf(condition, common.model.modalities)];
  const model = await withRun(run, async (owner) => {
    if (!(await isRun(run))) {
      const cases = { train: dataSet.cases.filter(({ id }) => train.includes(id)), validation: [] };
      await createSegmenterRun({
        dataSet,
        dataSetOptions: dataSetOptions(dataSetFlags),
        run,
        configuration: { ...common, model: { ...common.model, modalities } },
        cases,
      });
    }
    return continueRun(run, {
      owner,
      runtime,
      observer: observerOf(condition.name),
      onPrepare: () => undefined,
      signal,
      store,
    });
  });
  const segmenter = await loadSegmenterFile(model, threads === undefined ? {} : { threads });
  try {
    const filled = (missing: string, id: string): string => filledPath(folder, missing, id);
    const tested: ValidatedPatient[] = [];
    for (const one of test)
      tested.push(...(await validatePatient(caseOf(one, condition, filled), segmenter, [modalities])));
    return tested;
  } finally {
    await segmenter.close();
  }
}

/** What to say of test patients that the translator has learnt from, or may have. */
export function downstreamWarnings({ training }: ModelMetadata, test: readonly CaseFiles[]): string[] {
  const learnt = new Set((training?.trainingCases ?? []).map(patientOf));
  const known = test.filter(({ id }) => learnt.has(patientOf(id))).map(({ id }) => id);
  return [
    ...(known.length > 0
      ? [`The translator has learnt from ${known.join(', ')}, who are tested on: that flatters it.`]
      : []),
    ...(training === null
      ? ['The translator does not say what it was trained on: test patients may be among it.']
      : []),
  ];
}
