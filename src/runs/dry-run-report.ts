import { formatDuration } from '../terminal/progress.js';
import type { RunEstimate, StageEstimate } from './dry-run.js';
import type { TranslatorRecord } from './run-folder.js';

/** Checkpoints that lie on disk at most: two, the best, and one that is being written. */
const checkpointsAtOnce = 4;

/** A run's plan and needs, in words. */
export function describeEstimate(record: TranslatorRecord, estimate: RunEstimate): string {
  const { trainingSlices, preparationSeconds, cacheBytes, stages, peakMemoryBytes } = estimate;
  const total = stages.reduce((sum, stage) => sum + secondsOf(stage), preparationSeconds);
  const disk = stages.reduce(
    (sum, { checkpointBytes }) => sum + checkpointsAtOnce * checkpointBytes,
    cacheBytes,
  );
  return [
    `training patients  ${record.trainingCases.join(', ')}`,
    `held out           ${record.validationCases.join(', ')}`,
    `training slices    about ${trainingSlices}`,
    `preparation        about ${formatDuration(preparationSeconds)}`,
    ...stages.map(
      (one) =>
        `${one.stage.padEnd(18)} ${one.iterations} iterations of ${one.secondsPerIteration.toFixed(2)} s, ` +
        `${one.validations} validations of ${one.secondsPerValidation.toFixed(0)} s: about ${formatDuration(secondsOf(one))}`,
    ),
    `altogether         about ${formatDuration(total)}`,
    `memory             about ${mebibytes(peakMemoryBytes)} (the most that was taken while measuring)`,
    `disk               about ${mebibytes(disk)}, of which slices ${mebibytes(cacheBytes)}`,
    'Nothing was written. Times hold while the machine is as busy as now.',
  ].join('\n');
}

function secondsOf({
  iterations,
  secondsPerIteration,
  validations,
  secondsPerValidation,
}: StageEstimate): number {
  return iterations * secondsPerIteration + validations * secondsPerValidation;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
