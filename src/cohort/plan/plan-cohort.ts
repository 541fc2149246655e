import { resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import { groupBy } from '../../base/group-by.js';
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
import {
  betterSource,
  candidatesFor,
  type Doubts,
  mayBeThere,
  sourcesLeftOut,
  whyWithheld,
} from './doubtful-targets.js';
import { chooseSources, jointSources } from './fusion-choice.js';
import { outputsOf, patientJob } from './patient-job.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * Plans a data set: one job a patient, in the order of the patients.
 *
 * @throws UtadError bad-argument when two patients would write the same file.
 */
export function planCohort(
  { cases, layout: given, doubts: all = [] }: Pick<DataSet, 'cases' | 'layout' | 'doubts'>,
  metadata: ModelMetadata,
  request: TranslationRequest,
): TranslationPlan {
  const { complete: how, fuse } = request;
  if (fuse !== undefined && metadata.model.network === 'any-source') {
    refuse('bad-argument', {
      where: '--fuse',
      problem: 'this model is given all sources together',
      todo: 'Leave out --fuse.',
    });
  }
  const layoutName = request.layout ?? (given === 'bids' ? 'bids' : 'brats');
  const layout = outputLayout(layoutName, how !== undefined);
  const jobs: Job<TranslatePatientRun>[] = [];
  const untranslatable: UntranslatablePatient[] = [];
  const complete: string[] = [];
  const doubtsById = groupBy(all, ({ caseId }) => caseId);
  for (const one of cases) {
    const doubts = doubtsById.get(one.id) ?? [];
    const { wanted: lacked, translations: planned } = translationsOf(one, doubts, layout, metadata, request);
    const withheld = lacked.filter(
      (target) => request.to === 'missing' && candidatesFor(doubts, target).length > 0,
    );
    const wanted = lacked.filter((target) => !withheld.includes(target));
    const possible = planned.filter(({ target }) => wanted.includes(target));
    const hasMask = metadata.model.tumourMask !== true || one.mask !== undefined;
    const translations = hasMask ? possible : [];
    const lacking = wanted.filter((target) => !translations.some((some) => some.target === target));
    if (lacked.length === 0) complete.push(one.id);
    for (const target of withheld)
      untranslatable.push({ id: one.id, message: whyWithheld(one.id, target, doubts) });
    if (lacking.length > 0)
      untranslatable.push({ id: one.id, message: whyNot(one, lacking, doubts, metadata, request) });
    if (translations.length === 0 && (wanted.length > 0 || how === undefined)) continue;
    const scans = how === undefined ? [] : linkedScans(one, translations, layout, how, request.out);
    jobs.push(patientJob(one, translations, scans, metadata, request));
  }
  requireDistinct(jobs);
  return { jobs, untranslatable, complete, layout: layoutName };
}

function translationsOf(
  one: CaseFiles,
  doubts: Doubts,
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
    const joint = from === undefined && metadata.model.network === 'any-source';
    const several = joint
      ? jointSources(target, one, modalities)
      : fuse && chooseSources(target, one, modalities, fuse);
    const chosen = chooseSource(target, present, metadata, from);
    const notes = [
      ...(present.includes(target) ? [] : mayBeThere(target, doubts)),
      ...(from !== undefined
        ? []
        : several === undefined
          ? betterSource(target, chosen?.source, present, doubts, metadata)
          : sourcesLeftOut(
              doubts,
              modalities.filter((name) => name !== target && !present.includes(name)),
            )),
    ];
    const said = notes.length > 0 ? { notes } : {};
    if (several !== undefined) {
      const spreadOut = resolve(out, `${layout.spread(fileSafe(one.id), target)}${ending}`);
      return [{ target, ...several, out: path, ...(spread ? { spreadOut } : {}), ...said }];
    }
    if (chosen === undefined) return [];
    return [{ target, ...chosen, from: one.modalities[chosen.source]!, out: path, ...said }];
  });
  return { wanted, translations };
}

function whyNot(
  one: CaseFiles,
  lacking: readonly string[],
  doubts: Doubts,
  { model }: ModelMetadata,
  { from }: TranslationRequest,
): string {
  if (model.tumourMask && one.mask === undefined)
    return `${one.id}: expected a tumour mask, as the model is a teacher's, got none.`;
  const present = Object.keys(one.modalities);
  const known = model.modalities.filter((name) => present.includes(name));
  const expected = from === undefined ? `one of ${model.modalities.join(', ')}` : from;
  const got = known.length === 0 ? present.join(', ') || 'no volume' : known.join(', ');
  const unsure = sourcesLeftOut(
    doubts,
    model.modalities.filter((name) => !known.includes(name)),
  );
  const more = unsure.length > 0 ? ` (${unsure.join('; ')})` : '';
  return `${one.id}: expected ${expected} to translate into ${lacking.join(', ')}, got ${got}${more}.`;
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
