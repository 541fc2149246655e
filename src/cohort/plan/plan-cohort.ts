import { resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import type { CaseFiles } from '../../datasets/case.js';
import type { DataSet } from '../../datasets/data-set.js';
import { fileSafe, type OutputLayout, outputLayout } from '../../datasets/output-layout.js';
import { defaultFormat, writtenEnding } from '../../imaging/formats/formats.js';
import type { Job } from '../../jobs/job.js';
import { chooseSource } from '../../translate/choose-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import { plainEnding } from '../output/linked-scan.js';
import type { LinkedScan, TranslatePatientRun, Translation } from '../translation-job.js';
import type { TranslationPlan, UntranslatablePatient } from '../translation-plan.js';
import { chooseSources } from './fusion-choice.js';
import { outputsOf, patientJob } from './patient-job.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * Plans a data set: one job a patient, in the order of the patients.
 *
 * @throws UtadError bad-argument when two patients would write the same file.
 */
export function planCohort(
  { cases, layout: given }: Pick<DataSet, 'cases' | 'layout'>,
  metadata: ModelMetadata,
  request: TranslationRequest,
): TranslationPlan {
  const { complete: how } = request;
  const layoutName = request.layout ?? (given === 'bids' ? 'bids' : 'brats');
  const layout = outputLayout(layoutName, how !== undefined);
  const jobs: Job<TranslatePatientRun>[] = [];
  const untranslatable: UntranslatablePatient[] = [];
  const complete: string[] = [];
  for (const one of cases) {
    const { wanted, translations: possible } = translationsOf(one, layout, metadata, request);
    const hasMask = metadata.model.tumourMask !== true || one.mask !== undefined;
    const translations = hasMask ? possible : [];
    const lacking = wanted.filter((target) => !translations.some((some) => some.target === target));
    if (wanted.length === 0) complete.push(one.id);
    if (lacking.length > 0)
      untranslatable.push({ id: one.id, message: whyNot(one, lacking, metadata, request) });
    if (translations.length === 0 && (wanted.length > 0 || how === undefined)) continue;
    const scans = how === undefined ? [] : linkedScans(one, translations, layout, how, request.out);
    jobs.push(patientJob(one, translations, scans, metadata, request));
  }
  requireDistinct(jobs);
  return { jobs, untranslatable, complete, layout: layoutName };
}

function translationsOf(
  one: CaseFiles,
  layout: OutputLayout,
  metadata: ModelMetadata,
  { to, from, fuse, spread, out, settings }: TranslationRequest,
): { readonly wanted: readonly string[]; readonly translations: readonly Translation[] } {
  const { modalities } = metadata.model;
  const present = modalities.filter((name) => one.modalities[name] !== undefined);
  const candidates = to === 'all' || to === 'missing' ? modalities : to;
  const wanted =
    to === 'all'
      ? candidates.filter((target) => target !== from && (present.length > 1 || present[0] !== target))
      : candidates.filter((target) => !present.includes(target));
  const ending = writtenEnding(settings.format);
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

function whyNot(
  one: CaseFiles,
  lacking: readonly string[],
  { model }: ModelMetadata,
  { from }: TranslationRequest,
): string {
  if (model.tumourMask && one.mask === undefined)
    return `${one.id}: expected a tumour mask, as the model is a teacher's, got none.`;
  const present = Object.keys(one.modalities);
  const known = model.modalities.filter((name) => present.includes(name));
  const expected = from === undefined ? `one of ${model.modalities.join(', ')}` : from;
  const got = known.length === 0 ? present.join(', ') || 'no volume' : known.join(', ');
  return `${one.id}: expected ${expected} to translate into ${lacking.join(', ')}, got ${got}.`;
}

/** The scans to put beside, without those whose place a synthetic volume takes. */
function linkedScans(
  one: CaseFiles,
  translations: readonly Translation[],
  layout: OutputLayout,
  how: LinkedScan['how'],
  folder: string,
): readonly LinkedScan[] {
  const taken = outputsOf(translations);
  return Object.entries(one.modalities)
    .map(([name, from]): LinkedScan => {
      const file = `${layout.scan(fileSafe(one.id), name)}${plainEnding(from) ?? writtenEnding(defaultFormat.name)}`;
      return { from, out: resolve(folder, file), how };
    })
    .filter(({ out }) => !taken.includes(out));
}

function requireDistinct(jobs: readonly Job[]): void {
  const owners = new Map<string, string>();
  for (const { id, outputs } of jobs) {
    for (const path of outputs) {
      const other = owners.get(path);
      if (other !== undefined) {
        refuse('bad-argument', {
          where: path,
          problem: `both ${other} and ${id} would be written to this file`,
          todo: 'Rename one of them: they differ only in characters that file names cannot hold.',
        });
      }
      owners.set(path, id);
    }
  }
}
