import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { findCases } from '../datasets/find-cases.node.js';
import type { SliceStore } from '../datasets/slice-store.js';
import { prepareSliceStore } from '../datasets/slice-store.node.js';
import { splitCases } from '../datasets/split.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import { openDevice } from '../engine/devices.node.js';
import type { Runtime } from '../engine/runtime.js';
import { defaultReadLimits } from '../imaging/read-limits.js';
import {
  resolveSegmentationConfiguration,
  type SegmentationConfiguration,
  segmentationPresets,
} from '../segmentation/configuration.js';
import { type JudgedPatient, judgePatient } from '../segmentation/judge-patient.node.js';
import { loadSegmenterFile } from '../segmentation/segmenter.node.js';
import { chooseSource } from '../translate/choose-source.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { noticeColours } from './colours.js';
import { collectField } from './configuration-overrides.js';
import { sayNotes } from './data-set-notes.js';
import { addDataSetOptions, type DataSetFlags, dataSetOptions } from './data-set-options.js';
import {
  type Condition,
  caseOf,
  conditionsOf,
  downstreamPaths,
  inputsOf,
  type Sources,
  slicesOf,
} from './downstream-plan.js';
import {
  type ConditionResult,
  downstreamCsv,
  downstreamReport,
  downstreamTable,
} from './downstream-report.js';
import { runJobs } from './jobs/run-jobs.js';
import { modelHash } from './open-model.js';
import { wholeNumber } from './options.js';
import { createProgress, progressOf } from './progress.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { isRun } from './run-folder.js';
import { continueSegmenterRun, createSegmenterRun, prepareRegionStore } from './segment-run.js';
import { segmenterDisplay } from './segment-train.js';
import { stoppable } from './stoppable.js';
import { recipeOf } from './training-run.js';
import { metadataOfModelFile } from './translate-cohort.js';
import { fileSafe, outputLayout } from './translate-layout.js';
import { translatePatientRunner } from './translate-patient.js';
import { planCohort } from './translate-plan.js';

interface DownstreamOptions extends DataSetFlags {
  readonly model: string;
  readonly missing: string;
  readonly out: string;
  readonly from?: string;
  readonly preset: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly iterations?: string;
  readonly split?: string;
  readonly device: string;
  readonly threads?: string;
}

/** Everything that decides an experiment; the same again when it is continued. */
interface Experiment {
  readonly dataSet: string;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly sources: Sources;
  readonly configuration: SegmentationConfiguration;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

const layout = outputLayout('brats', false);

/** Adds `utad downstream <data set>`: whether translated modalities help a segmentation network. */
export function addDownstreamCommand(program: Command): void {
  const command = program
    .command('downstream')
    .description(
      'trains segmentation networks where a modality is missing and filled in, left out, copied, or true',
    )
    .argument('<data set>', 'folder with complete patients and masks');
  addDataSetOptions(command)
    .requiredOption('--model <file>', 'the translator, .onnx')
    .requiredOption('--missing <modalities>', 'missing modalities with commas between, or each')
    .requiredOption('--out <folder>', 'folder of the experiment; call again to go on where it stopped')
    .option(
      '--from <modality>',
      'what is translated and copied; the translator’s best direction when left out',
    )
    .option('--preset <name>', `of the segmenters: ${Object.keys(segmentationPresets).join(', ')}`, 'small')
    .option('--set <field=value>', 'overrides one field of the preset; may be repeated', collectField, {})
    .option('--iterations <n>', 'updates of each segmenter, in the place of epochs')
    .option(
      '--split <file>',
      'JSON with train and validation lists of case ids; the validation patients are the test',
    )
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .action(async (folder: string, options: DownstreamOptions) => {
      const threads =
        options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
      const runtime = await openDevice(options.device, threads);
      await stoppable('stopping; call again to go on', (signal) =>
        downstream(folder, options, runtime, threads, signal),
      );
    });
}

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
  const metadata = await metadataOfModelFile(options.model);
  const { experiment, cases } = await planned(dataSet, metadata, options);
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
            await fill(
              [...train, ...test],
              missing!,
              source!,
              metadata,
              experiment,
              options,
              threads,
              signal,
            );
            const made = await storeOf(missing!, () => prepareMade(train, missing!, experiment, options.out));
            return slicesOf(condition, modalities, real, made);
          },
        }));
      if (done === null) await writeFileAtomic(path, `${JSON.stringify(patients, null, 2)}\n`);
      results.push({ condition, patients });
    }
  } finally {
    for (const store of stores.values()) store.close();
  }
  const report = downstreamReport(experiment.configuration.regions, results);
  const about = { dataSet: experiment.dataSet, model: experiment.model, test: experiment.test };
  await writeFileAtomic(
    downstreamPaths.report(options.out),
    `${JSON.stringify({ ...about, ...report }, null, 2)}\n`,
  );
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

const filledPath = (out: string, missing: string, id: string): string =>
  resolve(downstreamPaths.filled(out), `${layout.synthetic(fileSafe(id), missing)}.nii.gz`);

/** Translates what is missing for all patients; what is finished is kept. */
async function fill(
  cases: readonly CaseFiles[],
  missing: string,
  source: string,
  metadata: ModelMetadata,
  { model }: Experiment,
  { out, device }: DownstreamOptions,
  threads: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const lacking = cases.map((one): CaseFiles => {
    const { [missing]: _, ...others } = one.modalities;
    return { ...one, modalities: others };
  });
  const plan = planCohort(lacking, metadata, {
    to: [missing],
    from: source,
    out: downstreamPaths.filled(out),
    layout,
    settings: {
      model,
      device,
      threads: threads ?? null,
      datatype: 'float32',
      format: 'nifti',
      skullStrip: null,
      check: null,
      limits: defaultReadLimits,
      force: false,
    },
  });
  const progress = createProgress(`translate ${source} → ${missing}`, plan.jobs.length);
  let done = 0;
  const outcomes = await runJobs(plan.jobs, {
    workers: 1,
    startRunner: translatePatientRunner,
    signal,
    onOutcome: ({ id }) => progress.update(++done, id),
  });
  progress.end();
  for (const outcome of outcomes) {
    if (outcome.status === 'stopped')
      fail('interrupted', {
        where: 'utad downstream',
        expected: 'to finish',
        got: 'a signal to stop',
        todo: 'Call it again to go on.',
      });
    const message =
      outcome.status === 'failed'
        ? outcome.failure.message
        : outcome.result.translations.find(({ status }) => status === 'failed')?.message;
    if (message !== undefined)
      fail('bad-value', {
        where: outcome.id,
        expected: `a translation of ${source} into ${missing}`,
        got: message,
      });
  }
}

function prepareMade(
  train: readonly CaseFiles[],
  missing: string,
  { configuration }: Experiment,
  out: string,
): Promise<SliceStore> {
  const { modalities, regions, minimumBrainFraction } = configuration;
  const assignment = train.map((one) => ({
    case: { ...one, modalities: { [missing]: { path: filledPath(out, missing, one.id) } } },
    modalities: [missing],
  }));
  return prepareSliceStore(downstreamPaths.cache(out), assignment, recipeOf(configuration), {
    modalities,
    regions,
    minimumBrainFraction,
    onProgress: progressOf(`prepare ${missing}`),
  });
}

async function planned(
  dataSet: DataSet,
  metadata: ModelMetadata,
  options: DownstreamOptions,
): Promise<{ readonly experiment: Experiment; readonly cases: ReadonlyMap<string, CaseFiles> }> {
  const modalities = metadata.model.modalities.filter((name) => dataSet.modalities.includes(name));
  const missing =
    options.missing === 'each' ? modalities : options.missing.split(',').map((name) => name.trim());
  const configuration = resolveSegmentationConfiguration(options.preset, {
    ...options.set,
    modalities,
    modalityDropout: 0,
    ...(options.iterations === undefined
      ? {}
      : { iterations: wholeNumber('--iterations', options.iterations, 1, 1e9) }),
  });
  const whole = dataSet.cases.filter(
    (one) => one.mask !== undefined && modalities.every((name) => one.modalities[name] !== undefined),
  );
  const given =
    options.split === undefined ? await findSplitFile(dataSet.folder) : await readSplitFile(options.split);
  const { seed, validationFraction } = configuration;
  const among = (ids: readonly string[]): string[] => ids.filter((id) => whole.some((one) => one.id === id));
  const split =
    given === undefined
      ? splitCases(whole, { seed, validationFraction })
      : splitCases(dataSet.cases, { seed, validationFraction, given });
  const [train, test] = [split.train, split.validation].map((side) => among(side.map(({ id }) => id))) as [
    string[],
    string[],
  ];
  if (train.length === 0 || test.length === 0) {
    fail('bad-value', {
      where: dataSet.folder,
      expected: `patients with a mask and all of ${modalities.join(', ')} to learn from and to test on`,
      got: `${train.length} and ${test.length}`,
      todo: 'Add complete patients, or give another --split.',
    });
  }
  return {
    experiment: {
      dataSet: dataSet.folder,
      model: { path: resolve(options.model), sha256: await modelHash(options.model) },
      sources: sourcesOf(missing, modalities, metadata, options.from),
      configuration,
      train,
      test,
    },
    cases: new Map(whole.map((one) => [one.id, one])),
  };
}

function sourcesOf(
  missing: readonly string[],
  modalities: readonly string[],
  metadata: ModelMetadata,
  from: string | undefined,
): Sources {
  const strange = [...missing, ...(from === undefined ? [] : [from])].find(
    (name) => !modalities.includes(name),
  );
  if (strange !== undefined)
    fail('bad-argument', { where: '--missing, --from', expected: modalities.join(', '), got: strange });
  return Object.fromEntries(
    missing.map((target) => {
      const chosen = chooseSource(target, modalities, metadata, from);
      if (chosen !== undefined) return [target, chosen.source];
      const expected = `another modality than ${target} to make it from`;
      return fail('bad-argument', { where: '--from', expected, got: from ?? 'none' });
    }),
  );
}

/** Notes the experiment at its start; afterwards it must stay the same. */
async function requireSame(out: string, experiment: Experiment): Promise<void> {
  const path = downstreamPaths.settings(out);
  const text = `${JSON.stringify(experiment, null, 2)}\n`;
  const known = await readFileBytes(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => null,
  );
  if (known === null) return writeFileAtomic(path, text);
  if (known === text) return;
  fail('bad-argument', {
    where: out,
    expected: 'the experiment that this folder began with',
    got: 'other patients, settings or another translator',
    todo: `Compare with ${join(out, 'settings.json')}, or choose another --out.`,
  });
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
  for (const warning of warnings) console.error(noticeColours.yellow(`Warning: ${warning}`));
}

const figure = z.number();
const resultSchema = z.array(
  z.object({
    patient: z.string(),
    given: z.array(z.string()),
    regions: z.record(
      z.string(),
      z.object({ dice: figure, hausdorff95Mm: figure, foundMl: figure, trueMl: figure }),
    ),
  }),
);

/** What a finished network reached; null where there is no whole file of it. */
async function readResult(path: string): Promise<JudgedPatient[] | null> {
  try {
    return resultSchema.parse(JSON.parse(new TextDecoder().decode(await readFileBytes(path))));
  } catch {
    return null;
  }
}
