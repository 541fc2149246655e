import { dirname, join } from 'node:path';
import { explanationOf } from '../base/errors.js';
import type { DicomListing } from '../imaging/formats/dicom/listing.js';
import { isProblem } from '../imaging/formats/dicom/plan-slices.js';
import type { DicomSeries } from '../imaging/formats/dicom/series.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import { bratsModalities } from './case.js';
import type { CaseDoubt } from './data-set.js';

/**
 * The source of a series: the folder nearest to its files, so that reading it again lists no others.
 *
 * @param listing of `folder`
 */
export function sourceOfSeries(folder: string, listing: DicomListing, series: DicomSeries): VolumeSource {
  const { seriesInstanceUid } = series;
  const sameUid = listing.series.filter((one) => one.seriesInstanceUid === seriesInstanceUid);
  // The name of a part counts among all series of the folder that it was listed in.
  if (seriesInstanceUid === undefined || sameUid.length > 1) return { path: folder, series: series.name };
  const folders = series.frames.map(({ file }) => dirname(file));
  const nearest = folders.reduce((common, next) => commonFolder(common, next), folders[0] ?? '.');
  return { path: join(folder, nearest), series: seriesInstanceUid };
}

/**
 * The series in a folder that a mapping file means: the one whose description, number or UID a pattern with `*`
 * fits, else the only one that makes a volume, else the only one that is surely of this modality.
 *
 * @param listing of `folder`
 * @returns why there is not one such series, where there is not
 */
export function findSeries(
  listing: DicomListing,
  folder: string,
  pattern: string | undefined,
  modality: string | undefined,
): VolumeSource | string {
  const volumes = listing.series.filter(({ plan }) => !isProblem(plan));
  const fitting = pattern === undefined ? volumes : listing.series.filter((one) => fits(one, pattern));
  const [first, second] = fitting;
  if (first && !second) return sourceOfSeries(folder, listing, first);
  const sure = fitting.filter(
    ({ guess }) => guess.contrast === modality && guess.confidence === 'high' && pattern === undefined,
  );
  if (sure.length === 1) return sourceOfSeries(folder, listing, sure[0]!);
  const shown = listing.series.map(showSeriesGuess).join('; ') || 'no series';
  const which = pattern === undefined ? '' : ` “${pattern}”`;
  if (fitting.length === 0) return `no series of ${folder} fits${which}: ${shown}`;
  return `${fitting.length} series of ${folder} fit${which}, not one: ${shown}`;
}

/** A series with what it looks like: `5 “t1_mprage_sag” (t1, low: nothing says whether contrast agent was given)`. */
export function showSeriesGuess({ name, description, guess, plan }: DicomSeries): string {
  const what = guess.contrast === 'other' ? (guess.other ?? 'other') : guess.contrast;
  const problem = isProblem(plan) ? `, no volume: ${plan.kind}` : '';
  return `${name} “${description}” (${what}, ${guess.confidence}: ${guess.reasons.join(', ')}${problem})`;
}

/** A series that shows none of the modalities: `7 “localizer” (localizer or calibration)`. */
function showOther({ name, description, guess }: DicomSeries): string {
  return `${name} “${description}” (${guess.other ?? 'other'}: ${guess.reasons.join(', ')})`;
}

/** Series of a study that are no sure volume of a modality, and may be one. */
interface SeriesCandidates {
  readonly doubts: readonly Omit<CaseDoubt, 'caseId'>[];
  /** The series that are surely of a modality, and the only ones. */
  readonly sure: ReadonlyMap<string, DicomSeries>;
}

/**
 * Sorts the series of a study: those that leave no doubt, and those that may show what seems to be missing, be it that
 * they are unsure, several or broken. A T1 that does not say whether contrast agent was given may be either.
 */
export function candidateSeries(
  { refused }: Pick<DicomListing, 'refused'>,
  series: readonly DicomSeries[],
): SeriesCandidates {
  const sure = new Map<string, DicomSeries>();
  const doubts: Omit<CaseDoubt, 'caseId'>[] = [];
  const doubt = (modality: string, some: readonly DicomSeries[]): void => {
    for (const one of some) doubts.push({ modality, text: showSeriesGuess(one) });
  };
  const certain = ({ guess, plan }: DicomSeries): boolean => guess.confidence === 'high' && !isProblem(plan);
  for (const modality of bratsModalities) {
    const looking = series.filter(({ guess }) => guess.contrast === modality);
    const fitting = looking.filter(certain);
    if (fitting.length === 1) sure.set(modality, fitting[0]!);
    else doubt(modality, looking);
  }
  for (const [modality, other] of [
    ['t1', 't1ce'],
    ['t1ce', 't1'],
  ] as const) {
    const either = series.filter(({ guess }) => guess.contrast === other && guess.confidence !== 'high');
    if (!sure.has(modality)) doubt(modality, either);
  }
  for (const one of series)
    if (one.guess.contrast === 'unknown' && !isProblem(one.plan)) doubts.push({ text: showSeriesGuess(one) });
  for (const { file, error } of refused.slice(0, 1)) {
    const more = refused.length > 1 ? ` and ${refused.length - 1} more files` : '';
    doubts.push({ text: `${file}${more} (cannot be read: ${explanationOf(error.detail)})` });
  }
  return { sure, doubts };
}

/** What is said of series that show none of the modalities, of those that nothing names, and of files that cannot be read. */
export function unusedSeries(
  { refused }: Pick<DicomListing, 'refused'>,
  series: readonly DicomSeries[],
): readonly string[] {
  const notes: string[] = [];
  const unknown = series.filter(({ guess }) => guess.contrast === 'unknown');
  if (unknown.length > 0) notes.push(`not recognised: ${unknown.map(showSeriesGuess).join('; ')}`);
  const others = series.filter(({ guess }) => guess.contrast === 'other');
  if (others.length > 0) notes.push(`not used: ${others.map(showOther).join('; ')}`);
  for (const { file, error } of refused.slice(0, 3))
    notes.push(`${file} cannot be read: ${explanationOf(error.detail)}`);
  if (refused.length > 3) notes.push(`${refused.length - 3} more files cannot be read`);
  return notes;
}

/** The surely recognised series of a study, a modality each, and what is to be said about the others. */
export function recogniseSeries(
  listing: DicomListing,
  series: readonly DicomSeries[],
): { readonly found: Readonly<Record<string, DicomSeries>>; readonly notes: readonly string[] } {
  const found: Record<string, DicomSeries> = {};
  const notes: string[] = [];
  for (const modality of bratsModalities) {
    const looking = series.filter(({ guess }) => guess.contrast === modality);
    if (looking.length === 0) continue;
    const sure = looking.filter(({ guess, plan }) => guess.confidence === 'high' && !isProblem(plan));
    if (sure.length === 1) {
      found[modality] = sure[0]!;
      continue;
    }
    const why = sure.length > 1 ? 'several are sure' : 'none is sure';
    notes.push(
      `${modality} left out, ${why}: ${looking.map(showSeriesGuess).join('; ')}. Name the series in a mapping file`,
    );
  }
  notes.push(...unusedSeries(listing, series));
  return { found, notes };
}

function fits({ description, name, seriesInstanceUid }: DicomSeries, pattern: string): boolean {
  const source = pattern.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*');
  const regex = new RegExp(`^${source}$`, 'i');
  return [description, name, seriesInstanceUid ?? ''].some((text) => regex.test(text));
}

function commonFolder(a: string, b: string): string {
  const [left, right] = [a.split('/'), b.split('/')];
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  return left.slice(0, same).join('/') || '.';
}
