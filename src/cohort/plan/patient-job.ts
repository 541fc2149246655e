import { resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import type { CaseFiles } from '../../datasets/case.js';
import { formatNamed } from '../../imaging/formats/formats.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import type { Job } from '../../jobs/job.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import {
  type LinkedScan,
  scansOf,
  type TranslatePatientRun,
  type TranslateSettings,
  type Translation,
} from '../translation-job.js';
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
  requireSeries(translations, settings);
  const brain = brainOf(one, maskBrain);
  const { mask, labels } = one;
  const tumour = model.tumourMask && mask ? { mask, ...(labels ? { labels } : {}) } : undefined;
  const run: TranslatePatientRun = {
    kind: 'translate-patient',
    patient: one.id,
    settings,
    translations,
    scans: one.modalities,
    brain,
    ...(tumour ? { tumour } : {}),
    linkedScans,
  };
  return {
    id: one.id,
    inputs: [...scansOf(run), settings.model.path],
    outputs: [...outputsOf(translations), ...linkedScans.map(({ out }) => out)],
    run,
  };
}

/** The files and folders that translations write, without sidecars and maps of a check. */
export function outputsOf(translations: readonly Translation[]): readonly string[] {
  return translations.flatMap(({ out, spreadOut }) => [out, ...(spreadOut === undefined ? [] : [spreadOut])]);
}

/** A series is written into the study of its source, which only a series has. */
function requireSeries(translations: readonly Translation[], { format }: TranslateSettings): void {
  const { kind, name, title } = formatNamed(format);
  if (kind !== 'series') return;
  const other = translations.find(({ from }) => from.series === undefined);
  if (other === undefined) return;
  refuse('bad-argument', {
    where: describeSource(other.from),
    problem: `this is no ${title} series, into whose study --format ${name} could write`,
    todo: 'Leave out --format.',
  });
}

function brainOf(one: CaseFiles, maskBrain: string | undefined): VolumeSource | null {
  if (maskBrain === undefined) return one.foreground ?? null;
  return { path: resolve(maskBrain.replaceAll('{id}', one.id)) };
}
