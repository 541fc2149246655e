import { resolve } from 'node:path';
import { fail } from '../../base/errors.js';
import type { DataSet } from '../../datasets/data-set.js';
import { describeSource } from '../../imaging/volume-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { modalityIndex } from '../../translate/translate-volume.js';
import { refuseSource } from '../output/write-synthetic.js';
import type { TranslationPlan } from '../translation-plan.js';
import type { TranslationInput } from './find-input.js';
import { planCohort } from './plan-cohort.js';
import { planSeries } from './plan-series.js';
import { planVolume } from './plan-volume.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * Decides everything before anything is computed: who is translated from what into what, and where it goes.
 *
 * @throws UtadError not-found or bad-argument for what cannot be done.
 */
export async function planTranslation(
  input: TranslationInput,
  metadata: ModelMetadata,
  request: TranslationRequest,
): Promise<TranslationPlan> {
  if (request.from !== undefined) modalityIndex(metadata.model.modalities, request.from, '--from');
  const plan = await planOf(input, metadata, request);
  if (request.settings.format === 'dicom') requireSeries(plan);
  return plan;
}

function planOf(
  input: TranslationInput,
  metadata: ModelMetadata,
  request: TranslationRequest,
): TranslationPlan | Promise<TranslationPlan> {
  if (input.kind === 'volume') return planVolume(input, metadata, request);
  if (input.kind === 'series') return planSeries(input, metadata, request);
  requireOtherFolder(input.dataSet, request);
  return planCohort(input.dataSet, metadata, request);
}

function requireOtherFolder({ folder }: DataSet, { complete, out }: TranslationRequest): void {
  if (complete === undefined || resolve(out) !== folder) return;
  fail('bad-argument', {
    where: '--complete',
    expected: 'another folder than the data set itself',
    got: out,
    todo: 'Choose another --out.',
  });
}

/** Refuses to write DICOM for sources that are none, before anything is computed. */
function requireSeries({ jobs }: TranslationPlan): void {
  for (const { run } of jobs)
    for (const { from } of run.translations)
      if (from.series === undefined) refuseSource(describeSource(from));
}
