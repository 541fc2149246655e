import { resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import type { DataSet } from '../../datasets/data-set.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { modalityIndex } from '../../translate/translate-volume.js';
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
  switch (input.kind) {
    case 'volume':
      return planVolume(input, metadata, request);
    case 'series':
      return planSeries(input, metadata, request);
    case 'data-set':
      requireOtherFolder(input.dataSet, request);
      return planCohort(input.dataSet, metadata, request);
  }
}

function requireOtherFolder({ folder }: DataSet, { complete, out }: TranslationRequest): void {
  if (complete === undefined || resolve(out) !== folder) return;
  refuse('bad-argument', {
    where: '--complete',
    problem: `${out} is the data set itself`,
    todo: 'Choose another --out.',
  });
}
