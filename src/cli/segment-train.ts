import type { Command } from 'commander';
import { throwIfAborted } from '../base/abort.js';
import { fail } from '../base/errors.js';
import { writeJson } from '../base/json.node.js';
import { wholeNumber } from '../base/whole-number.js';
import type { DataSet } from '../datasets/data-set.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices/devices.node.js';
import { modalityOfName } from '../imaging/words/modality-name.js';
import {
  earlierSegmentationFields,
  resolveSegmentationConfiguration,
} from '../methods/segmenter-configuration.js';
import { continueRun } from '../runs/continue-run.js';
import { createSegmenterRun } from '../runs/plan-run.js';
import { casesOf } from '../runs/run-data.js';
import { readSegmenterRecord, requireNoRun, runPaths, type SegmenterRecord } from '../runs/run-folder.js';
import { withRun } from '../runs/run-owner.js';
import { validateSegmenter, validationTable } from '../runs/segment-validation.js';
import { trainingDisplay } from '../runs/training-display.js';
import { loadSegmenterFile } from '../segmentation/segmenter.node.js';
import { progressOf } from '../terminal/progress.js';
import { iterationsOf } from '../training/training-configuration.js';
import { requireDataSet } from './add-data-set-options.js';
import { readConfigurationFile } from './configuration-file.js';
import { sayNotes } from './data-set-notes.js';
import { requireResumable } from './require-resumable.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';

interface SegmentTrainOptions extends DataSetFlags {
  readonly out: string;
  readonly preset: string;
  readonly config?: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly modalities?: string;
  readonly regions?: string;
  readonly iterations?: string;
  readonly seed?: string;
  readonly split?: string;
  readonly resume?: boolean;
  readonly device: string;
  readonly threads?: string;
}

/** Validates the finished segmenter on its held-out patients, with each modality missing in turn. */
async function validateAll(
  run: string,
  model: string,
  record: SegmenterRecord,
  threads: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (record.validationCases.length === 0) return;
  const cases = await casesOf(record);
  const held = record.validationCases.map((id) => cases.get(id)!);
  const segmenter = await loadSegmenterFile(model, threads === undefined ? {} : { threads });
  try {
    const show = progressOf('validating');
    const progress = (done: number, total: number, text: string): void => {
      throwIfAborted(signal, 'utad segment train', 'continue with --resume');
      show(done, total, text);
    };
    const report = await validateSegmenter(held, segmenter, progress);
    await writeJson(runPaths.validation(run), report);
    console.log(validationTable(report));
  } finally {
    await segmenter.close();
  }
}

async function newRun(dataSet: string | undefined, options: SegmentTrainOptions): Promise<SegmenterRecord> {
  const found = await findCases(requireDataSet('utad segment train', dataSet), dataSetOptions(options));
  const overrides = {
    ...(options.config === undefined
      ? {}
      : await readConfigurationFile(options.config, earlierSegmentationFields)),
    ...options.set,
    ...(options.modalities === undefined
      ? {}
      : { 'model.modalities': listed(options.modalities).map(modalityOfName) }),
    ...(options.regions === undefined ? {} : { 'model.regions': listed(options.regions) }),
    ...(options.iterations === undefined
      ? {}
      : { 'schedule.iterations': wholeNumber('--iterations', options.iterations, 1, 1e9) }),
    ...(options.seed === undefined ? {} : { seed: wholeNumber('--seed', options.seed, 0, 2 ** 31) }),
  };
  const foreground = found.foregroundByModality;
  const configuration = resolveSegmentationConfiguration(options.preset, {
    'model.modalities': found.modalities,
    ...(Object.keys(foreground).length > 0 ? { 'data.preparation.foregroundByModality': foreground } : {}),
    ...overrides,
  });
  requireModalities(configuration.model.modalities, found);
  console.error(`${found.layout}: ${found.because}`);
  sayNotes(found);
  return createSegmenterRun({
    dataSet: await resolveLabelsShown(found),
    dataSetOptions: dataSetOptions(options),
    run: options.out,
    configuration,
    ...(options.split === undefined ? {} : { splitFile: options.split }),
  });
}

function requireModalities(wanted: readonly string[], { modalities, folder }: DataSet): void {
  const strange = wanted.filter((name) => !modalities.includes(name));
  if (strange.length === 0) return;
  fail('bad-value', {
    where: folder,
    expected: `the modalities ${wanted.join(', ')}`,
    got: modalities.join(', ') || 'none',
    todo: 'See `utad inspect`; a mapping file can name what was not recognised.',
  });
}

function describe(
  { configuration, trainingCases, validationCases }: SegmenterRecord,
  device: string,
): string {
  const {
    model: { baseChannels: features, sliceSide, modalities, regions },
    schedule: { batchSize, epochs },
  } = configuration;
  const length =
    configuration.schedule.iterations === undefined
      ? `${epochs} epochs`
      : `${iterationsOf(configuration, 1)} iterations`;
  return [
    `${modalities.join(', ')} → ${regions.join(', ')}; ${features} features, ${sliceSide}×${sliceSide}, ` +
      `batch ${batchSize}, ${length}, on ${device}`,
    `${trainingCases.length} training patients, ${validationCases.length} held out`,
  ].join('\n');
}

function listed(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Trains a new segmenter, or continues a run; saves on a signal. */
export async function segmentTrain(
  dataSet: string | undefined,
  options: SegmentTrainOptions,
  command: Command,
): Promise<void> {
  const threads =
    options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const runtime = await openDevice(options.device, threads);
  const run = options.out;
  if (options.resume) await requireResumable(run, dataSet, command, readSegmenterRecord);
  else await requireNoRun(run);
  const model = await stoppable('stopping after this iteration', (signal) =>
    withRun(run, async (owner) => {
      const record = options.resume ? await readSegmenterRecord(run) : await newRun(dataSet, options);
      throwIfAborted(signal, 'utad segment train');
      console.error(describe(record, runtime.device));
      const onPrepare = progressOf('prepare');
      const observer = trainingDisplay();
      const written = await continueRun(run, { owner, runtime, observer, signal, onPrepare });
      await validateAll(run, written, record, threads, signal);
      return written;
    }),
  );
  console.log(model);
}
