import type { Command } from 'commander';
import { throwIfAborted } from '../base/abort.js';
import { openDevice } from '../engine/devices/devices.node.js';
import { codeFingerprint } from '../jobs/code-fingerprint.js';
import { continueRun } from '../runs/continue-run.js';
import { estimateRun } from '../runs/dry-run.js';
import { describeEstimate } from '../runs/dry-run-report.js';
import { createRun, planRun } from '../runs/plan-run.js';
import { readTranslatorRecord, requireNoRun, type TranslatorRecord } from '../runs/run-folder.js';
import { withRun } from '../runs/run-owner.js';
import { trainingDisplay } from '../runs/training-display.js';
import { progressOf } from '../terminal/progress.js';
import { iterationsOf } from '../training/training-configuration.js';
import type { RequestFlags } from './add-request-options.js';
import { requireResumable } from './require-resumable.js';
import { stoppable } from './stoppable.js';
import { requestOf } from './training-request.js';

interface TrainOptions extends RequestFlags {
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly device: string;
  readonly threads?: number;
}

/** Only the same code goes through the same states. */
async function sayOtherCode({ codeFingerprint: begun }: TranslatorRecord): Promise<void> {
  if (begun === undefined || begun === (await codeFingerprint())) return;
  console.error('note: the run began with another state of the code, so its end may have other bits');
}

function describeRun(record: TranslatorRecord, device: string): string {
  const { configuration, trainingCases, validationCases } = record;
  const {
    model: { baseChannels: features, studentBaseChannels: studentFeatures, sliceSide, contextSlices = 0 },
    schedule: { batchSize },
    data: { paired },
  } = configuration;
  const widths =
    studentFeatures === undefined || record.stages === 'teacher'
      ? `${features} features`
      : `${features} features, the student ${studentFeatures}`;
  const length =
    configuration.schedule.iterations === undefined
      ? `${configuration.schedule.epochs} epochs`
      : `${iterationsOf(configuration, 1)} iterations`;
  const slices = `${sliceSide}×${sliceSide}${contextSlices === 0 ? '' : `, context slices: ${contextSlices} below and above`}`;
  return [
    `${widths}, ${slices}, batch ${batchSize}, ${length} a stage, on ${device}`,
    `${trainingCases.length} training patients (${paired ? 'paired' : 'unpaired'}), ${validationCases.length} held out`,
  ].join('\n');
}

/** Trains a new run, or continues one; saves on a signal. */
export async function train(
  dataSet: string | undefined,
  options: TrainOptions,
  command: Command,
): Promise<void> {
  // First of all, so that a device that is refused leaves no run behind.
  const runtime = await openDevice(options.device, options.threads);
  if (options.dryRun && !options.resume) {
    const record = await planRun(await requestOf('utad train', dataSet, options));
    console.error(describeRun(record, runtime.device));
    console.log(describeEstimate(record, await estimateRun(record, runtime)));
    return;
  }
  const run = options.out;
  if (options.resume) await requireResumable(run, dataSet, command, readTranslatorRecord);
  else await requireNoRun(run);
  const model = await stoppable('stopping after this iteration', (signal) =>
    withRun(run, async (owner) => {
      const record = options.resume
        ? await readTranslatorRecord(run)
        : await createRun(await requestOf('utad train', dataSet, options));
      throwIfAborted(signal, 'utad train');
      console.error(describeRun(record, runtime.device));
      if (options.resume) await sayOtherCode(record);
      return continueRun(run, {
        owner,
        runtime,
        observer: trainingDisplay({ samplesIn: run }),
        signal,
        onPrepare: progressOf('prepare'),
      });
    }),
  );
  console.log(model);
}
