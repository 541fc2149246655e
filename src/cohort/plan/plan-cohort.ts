import { resolve } from 'node:path';
import { fail } from '../../base/errors.js';
import type { CaseFiles } from '../../datasets/case.js';
import { fileSafe, type OutputLayout } from '../../datasets/output-layout.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import type { Job } from '../../jobs/job.js';
import { chooseSource } from '../../translate/choose-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { modalityIndex } from '../../translate/translate-volume.js';
import { plainEnding } from '../output/linked-scan.js';
import { refuseSource } from '../output/write-synthetic.js';
import type { Companion, TranslatePatientRun, TranslateSettings, Translation } from '../translation-job.js';
import { chooseSources, type FusionChoice } from './fusion-choice.js';

/** What is asked for a whole data set. */
export interface CohortRequest {
  /** `missing`, `all`, or the names of modalities, of which patients get those that they lack. */
  readonly to: 'missing' | 'all' | readonly string[];
  readonly from?: string;
  /** Makes each modality from several sources where a patient has them. */
  readonly fuse?: FusionChoice;
  /** Also writes how far the translations lie apart. */
  readonly spread?: boolean;
  readonly out: string;
  readonly layout: OutputLayout;
  /** Puts the scans beside the made volumes. */
  readonly complete?: Companion['how'];
  /** Path of a patient's brain mask, with `{id}` in the place of the patient. */
  readonly maskBrain?: string;
  readonly settings: TranslateSettings;
}

/** A patient for whom nothing can be done, and why. */
export interface HopelessPatient {
  readonly id: string;
  readonly message: string;
}

/** What is to be done for a data set. */
export interface CohortPlan {
  readonly jobs: readonly Job<TranslatePatientRun>[];
  readonly hopeless: readonly HopelessPatient[];
  /** Patients who lack nothing. */
  readonly complete: readonly string[];
}

/**
 * `--to` as a person gives it.
 *
 * @throws UtadError bad-argument when a name is not the model's.
 */
export function readTargets(text: string, modalities: readonly string[]): CohortRequest['to'] {
  if (text === 'missing' || text === 'all') return text;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) modalityIndex(modalities, name, '--to');
  return [...new Set(names)];
}

/**
 * Lists the work for a data set: one job a patient, in the order of the patients.
 *
 * @throws UtadError bad-argument when two patients would write the same file.
 */
export function planCohort(
  cases: readonly CaseFiles[],
  metadata: ModelMetadata,
  request: CohortRequest,
): CohortPlan {
  const jobs: Job<TranslatePatientRun>[] = [];
  const hopeless: HopelessPatient[] = [];
  const complete: string[] = [];
  for (const one of cases) {
    const { wanted, translations: possible } = translationsOf(one, metadata, request);
    const masked = metadata.model.tumourMask !== true || one.mask !== undefined;
    const translations = masked ? possible : [];
    const lacking = wanted.filter((target) => !translations.some((some) => some.target === target));
    if (wanted.length === 0) complete.push(one.id);
    if (lacking.length > 0)
      hopeless.push({ id: one.id, message: whyHopeless(one, lacking, metadata, request) });
    if (translations.length > 0 || (wanted.length === 0 && request.complete !== undefined))
      jobs.push(jobOf(one, translations, metadata, request));
  }
  requireDistinct(jobs);
  if (request.settings.format === 'dicom') requireDicom(jobs);
  return { jobs, hopeless, complete };
}

function translationsOf(
  one: CaseFiles,
  metadata: ModelMetadata,
  { to, from, fuse, spread, out, layout, settings }: CohortRequest,
): { readonly wanted: readonly string[]; readonly translations: readonly Translation[] } {
  const { modalities } = metadata.model;
  const present = modalities.filter((name) => one.modalities[name] !== undefined);
  const candidates = to === 'all' || to === 'missing' ? modalities : to;
  const wanted =
    to === 'all'
      ? candidates.filter((target) => target !== from && (present.length > 1 || present[0] !== target))
      : candidates.filter((target) => !present.includes(target));
  const ending = settings.format === 'dicom' ? '' : '.nii.gz';
  const translations = wanted.flatMap((target): Translation[] => {
    const path = resolve(out, `${layout.synthetic(fileSafe(one.id), target)}${ending}`);
    const several = fuse && chooseSources(target, one, modalities, fuse);
    if (several !== undefined) {
      const spreadOut = resolve(out, `${layout.spread(fileSafe(one.id), target)}${ending}`);
      return [{ target, ...several, out: path, ...(spread ? { spreadOut } : {}) }];
    }
    const chosen = chooseSource(target, present, metadata, from);
    if (chosen === undefined) return [];
    return [{ target, ...chosen, from: one.modalities[chosen.source]!, out: path }];
  });
  return { wanted, translations };
}

function whyHopeless(
  one: CaseFiles,
  lacking: readonly string[],
  { model }: ModelMetadata,
  { from }: CohortRequest,
): string {
  if (model.tumourMask && one.mask === undefined)
    return `${one.id}: expected a tumour mask, as the model is a teacher's, got none.`;
  const present = Object.keys(one.modalities);
  const known = model.modalities.filter((name) => present.includes(name));
  const expected = from === undefined ? `one of ${model.modalities.join(', ')}` : from;
  const got = known.length === 0 ? present.join(', ') || 'no volume' : known.join(', ');
  return `${one.id}: expected ${expected} to make ${lacking.join(', ')} from, got ${got}.`;
}

function jobOf(
  one: CaseFiles,
  translations: readonly Translation[],
  { model }: ModelMetadata,
  { out, layout, complete, maskBrain, settings }: CohortRequest,
): Job<TranslatePatientRun> {
  const id = fileSafe(one.id);
  const made = new Set(
    translations.flatMap(({ out: path, spreadOut }) => [
      path,
      ...(spreadOut === undefined ? [] : [spreadOut]),
    ]),
  );
  const companions =
    complete === undefined
      ? []
      : Object.entries(one.modalities)
          .map(
            ([name, from]): Companion => ({
              from,
              out: scanPath(out, layout, id, name, from),
              how: complete,
            }),
          )
          .filter((companion) => !made.has(companion.out));
  const brain = brainOf(one, maskBrain);
  const { mask, labels } = one;
  const tumour = model.tumourMask && mask ? { mask, ...(labels ? { labels } : {}) } : undefined;
  const scans = Object.values(one.modalities);
  return {
    id: one.id,
    inputs: [...scans, ...(brain ? [brain] : []), ...(tumour ? [tumour.mask] : [])]
      .map(({ path }) => path)
      .concat(settings.model.path),
    outputs: [...made, ...companions.map((companion) => companion.out)],
    run: {
      kind: 'translate-patient',
      patient: one.id,
      settings,
      translations,
      scans: one.modalities,
      brain,
      ...(tumour ? { tumour } : {}),
      companions,
    },
  };
}

function scanPath(out: string, layout: OutputLayout, id: string, name: string, from: VolumeSource): string {
  return resolve(out, `${layout.scan(id, name)}${plainEnding(from) ?? '.nii.gz'}`);
}

function brainOf(one: CaseFiles, maskBrain: string | undefined): VolumeSource | null {
  if (maskBrain === undefined) return one.foreground ?? null;
  return { path: resolve(maskBrain.replaceAll('{id}', one.id)) };
}

function requireDicom(jobs: readonly Job<TranslatePatientRun>[]): void {
  for (const { run } of jobs)
    for (const { from } of run.translations)
      if (from.series === undefined) refuseSource(describeSource(from));
}

function requireDistinct(jobs: readonly Job[]): void {
  const owners = new Map<string, string>();
  for (const { id, outputs } of jobs) {
    for (const path of outputs) {
      const other = owners.get(path);
      if (other !== undefined) {
        fail('bad-argument', {
          where: path,
          expected: 'one patient to write this file',
          got: `${other} and ${id}`,
          todo: 'Rename one of them: their names differ only in what file names cannot hold.',
        });
      }
      owners.set(path, id);
    }
  }
}
