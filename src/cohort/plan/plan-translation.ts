import { dirname, join } from 'node:path';
import { refuse } from '../../base/errors.js';
import { isAmongInputs, isSameFile } from '../../base/protected-inputs.node.js';
import type { DataSet } from '../../datasets/data-set.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { modalityNamed } from '../../translate/translate-volume.js';
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
  given: TranslationRequest,
): Promise<TranslationPlan> {
  const { from } = given;
  const { modalities } = metadata.model;
  const request = from === undefined ? given : { ...given, from: modalityNamed(modalities, from, '--from') };
  switch (input.kind) {
    case 'volume':
      return planVolume(input, metadata, request);
    case 'series':
      return planSeries(input, metadata, request);
    case 'data-set':
      return requireOutside(planCohort(input.dataSet, metadata, request), input.dataSet, request);
  }
}

/** A complete data set names synthetic volumes as scans: these are kept apart from the scans themselves. */
async function requireOutside(
  plan: TranslationPlan,
  { folder }: DataSet,
  { complete, out }: TranslationRequest,
): Promise<TranslationPlan> {
  if (complete === undefined) return plan;
  const refuseFolder = (where: string, problem: string): never =>
    refuse('bad-argument', { where, problem, todo: 'Choose another --out.' });
  if (await isSameFile(out, folder)) refuseFolder('--complete', `${out} is the data set itself`);
  if (plan.layout === 'bids') return plan;
  for (const place of new Set(plan.jobs.flatMap(({ outputs }) => outputs.map((path) => dirname(path)))))
    if (await isAmongInputs(join(place, 'scan')))
      refuseFolder('--complete', `${place} lies in the data set itself`);
  return plan;
}
