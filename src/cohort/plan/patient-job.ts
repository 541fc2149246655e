import { resolve } from 'node:path';
import type { CaseFiles } from '../../datasets/case.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import type { Job } from '../../jobs/job.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { refuseSource } from '../output/write-synthetic.js';
import type { LinkedScan, TranslatePatientRun, Translation } from '../translation-job.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * The plan for one patient, as a job.
 *
 * @throws UtadError bad-argument for DICOM output of a source that is no series.
 */
export function patientJob(
  one: CaseFiles,
  translations: readonly Translation[],
  linkedScans: readonly LinkedScan[],
  { model }: Pick<ModelMetadata, 'model'>,
  { maskBrain, settings }: Pick<TranslationRequest, 'maskBrain' | 'settings'>,
): Job<TranslatePatientRun> {
  if (settings.format === 'dicom') requireSeries(translations);
  const brain = brainOf(one, maskBrain);
  const { mask, labels } = one;
  const tumour = model.tumourMask && mask ? { mask, ...(labels ? { labels } : {}) } : undefined;
  const read = [
    ...Object.values(one.modalities),
    ...translations.map(({ from }) => from),
    ...(brain ? [brain] : []),
    ...(tumour ? [tumour.mask] : []),
  ];
  return {
    id: one.id,
    inputs: [...new Set([...read.map(({ path }) => path), settings.model.path])],
    outputs: [...outputsOf(translations), ...linkedScans.map(({ out }) => out)],
    run: {
      kind: 'translate-patient',
      patient: one.id,
      settings,
      translations,
      scans: one.modalities,
      brain,
      ...(tumour ? { tumour } : {}),
      linkedScans,
    },
  };
}

/** The files and folders that translations write, without sidecars and maps of a check. */
export function outputsOf(translations: readonly Translation[]): readonly string[] {
  return translations.flatMap(({ out, spreadOut }) => [out, ...(spreadOut === undefined ? [] : [spreadOut])]);
}

function requireSeries(translations: readonly Translation[]): void {
  for (const { from } of translations) if (from.series === undefined) refuseSource(describeSource(from));
}

function brainOf(one: CaseFiles, maskBrain: string | undefined): VolumeSource | null {
  if (maskBrain === undefined) return one.foreground ?? null;
  return { path: resolve(maskBrain.replaceAll('{id}', one.id)) };
}
