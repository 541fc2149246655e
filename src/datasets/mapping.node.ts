import { basename, resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { readJson } from '../base/json.node.js';
import { protectFiles } from '../base/protected-inputs.node.js';
import { listDicomSeries } from '../imaging/formats/dicom/dicom-files.node.js';
import type { DicomListing } from '../imaging/formats/dicom/listing.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import type { CaseDoubt, CaseNote, DataSet } from './data-set.js';
import { findSeries } from './dicom-series.node.js';
import { readMapping, type VolumePattern } from './mapping.js';
import { matchPattern, type PatternMatch } from './match-pattern.node.js';

type Matched = PatternMatch & { readonly source: VolumeSource };
type SeriesFinder = (match: PatternMatch, pattern: string | undefined) => Promise<VolumeSource | undefined>;

/**
 * Finds the cases of a data set that a mapping file describes.
 *
 * @param map path of the mapping file
 * @throws UtadError bad-configuration for the mapping file, not-found when its patterns match nothing, bad-file
 * when a pattern names two volumes of one case.
 */
export async function findMappedCases(folder: string, map: string): Promise<DataSet> {
  await protectFiles([map]);
  const mapping = readMapping(await readJson(map), map);
  const notes: CaseNote[] = [];
  const doubts: CaseDoubt[] = [];
  const listings = new Map<string, Promise<DicomListing>>();
  const seriesFinder =
    (modality?: string): SeriesFinder =>
    async (match, pattern) => {
      const listing = listings.get(match.path) ?? listDicomSeries(match.path);
      listings.set(match.path, listing);
      const found = findSeries(await listing, match.path, pattern, modality);
      if (typeof found !== 'string') return found;
      notes.push({ severity: 'warning', caseId: idOf(match), text: found });
      if (modality !== undefined) doubts.push({ caseId: idOf(match), modality, text: found });
      return undefined;
    };
  const modalities: (readonly [string, readonly Matched[]])[] = [];
  for (const [name, pattern] of Object.entries(mapping.modalities))
    modalities.push([name, await matchesOf(folder, pattern, seriesFinder(name))]);
  const optional = async (pattern: VolumePattern | undefined): Promise<readonly Matched[]> =>
    pattern === undefined ? [] : matchesOf(folder, pattern, seriesFinder());
  const masks = await optional(mapping.mask);
  const foregrounds = await optional(mapping.foregroundMask);

  const ids = new Map<string, PatternMatch>();
  for (const [, matches] of modalities) for (const match of matches) ids.set(idOf(match), match);
  const sessions = new Set(
    [...ids.values()].filter(({ session }) => session !== undefined).map((m) => m.patient),
  );
  // What is there once for a patient belongs to every session.
  for (const [id, { patient, session }] of ids)
    if (session === undefined && sessions.has(patient)) ids.delete(id);
  if (ids.size === 0) {
    fail('not-found', {
      where: resolve(folder),
      expected: Object.entries(mapping.modalities)
        .map(([name, pattern]) => `${name} at ${'file' in pattern ? pattern.file : pattern.folder}`)
        .join(', '),
      got: 'no volume of any modality',
      todo: `Check the folder and the patterns of ${map}.`,
    });
  }
  const cases = [...ids]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, match]): CaseFiles => {
      const own = modalities.flatMap(([name, matches]) => {
        const source = only(matches, match, `${id} ${name}`);
        return source === undefined ? [] : [[name, source] as const];
      });
      const mask = only(masks, match, `${id} mask`);
      const foreground = only(foregrounds, match, `${id} foreground mask`);
      return {
        id,
        modalities: Object.fromEntries(own),
        ...(mask === undefined ? {} : { mask }),
        ...(mapping.labels === undefined ? {} : { labels: mapping.labels }),
        ...(foreground === undefined ? {} : { foreground }),
      };
    });
  return {
    folder: resolve(folder),
    layout: 'mapping',
    because: `described by ${map}`,
    modalities: Object.keys(mapping.modalities),
    cases,
    labelsPerPatient: false,
    foregroundByModality: mapping.foregroundByModality,
    notes,
    // What is doubtful of a patient is so in every session.
    doubts: doubts.flatMap((one) =>
      cases
        .filter(
          ({ id }) => id === one.caseId || (ids.get(id)?.patient === one.caseId && !ids.has(one.caseId)),
        )
        .map(({ id }) => ({ ...one, caseId: id })),
    ),
  };
}

function idOf({ patient, session }: PatternMatch): string {
  return session === undefined ? patient : `${patient}_ses-${session.replace(/^ses-/, '')}`;
}

/** The one match that belongs to a case. */
function only(
  matches: readonly Matched[],
  { patient, session }: PatternMatch,
  what: string,
): VolumeSource | undefined {
  const own = matches.filter(
    (match) => match.patient === patient && (match.session === undefined || match.session === session),
  );
  const [first, second] = own;
  if (first && second) {
    fail('bad-file', {
      where: what,
      expected: 'one volume for its pattern',
      got: `${describeSource(first.source)} and ${basename(describeSource(second.source))}`,
      todo: 'Write a narrower pattern, or add {session} where sessions are named.',
    });
  }
  return first?.source;
}

async function matchesOf(
  folder: string,
  pattern: VolumePattern,
  seriesOf: SeriesFinder,
): Promise<readonly Matched[]> {
  if ('folder' in pattern) {
    const found: Matched[] = [];
    for (const match of await matchPattern(resolve(folder), pattern.folder, 'folder')) {
      const source = await seriesOf(match, pattern.series);
      if (source) found.push({ ...match, source });
    }
    return found;
  }
  const index = pattern.volumeIndex;
  const matches = await matchPattern(resolve(folder), pattern.file, 'file');
  return matches.map((match) => ({
    ...match,
    source: { path: match.path, ...(index === undefined ? {} : { volumeIndex: index }) },
  }));
}
