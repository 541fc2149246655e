import { fail } from '../../../base/errors.js';
import type { DicomListing } from './listing.js';
import { isProblem } from './plan-slices.js';
import { showSeries } from './read-volume.js';
import type { SequenceContrast } from './sequence-guess.js';
import type { DicomSeries } from './series.js';

/** How a series is named: its name in the listing, its UID, or its whole description. */
function matchesSeries(series: DicomSeries, wanted: string): boolean {
  const { name, seriesInstanceUid, description } = series;
  return wanted === name || wanted === seriesInstanceUid || wanted === description;
}

/**
 * The one series that is wanted.
 *
 * @param wanted its name, UID or description; may be left out where there is only one that makes a volume
 * @throws UtadError not-found or bad-argument, listing what is there; the first refused file's own error.
 */
export function chooseSeries(listing: DicomListing, where: string, wanted?: string): DicomSeries {
  refuseBrokenFiles(listing);
  const { series } = listing;
  const candidates =
    wanted === undefined ? usable(series) : series.filter((one) => matchesSeries(one, wanted));
  if (candidates.length === 1) return candidates[0]!;
  const shown = series.map(showChoice).join('; ');
  if (series.length === 0) {
    return fail('not-found', {
      where,
      expected: 'DICOM images',
      got: archivesAmong(listing.leftOut) ?? 'none',
      todo: archivesAmong(listing.leftOut) === undefined ? 'Check the path.' : 'Unpack the archives first.',
    });
  }
  return fail(candidates.length === 0 ? 'not-found' : 'bad-argument', {
    where,
    expected: wanted === undefined ? 'one series' : `one series “${wanted}”`,
    got: `${candidates.length} of: ${shown}`,
    todo: 'Name one by its number.',
  });
}

/**
 * The series that show a contrast, by their guess.
 *
 * @throws UtadError bad-value when no guess is sure enough or several fit: name the series by hand then.
 */
export function chooseByContrast(
  listing: DicomListing,
  where: string,
  contrast: SequenceContrast,
): DicomSeries {
  refuseBrokenFiles(listing);
  const fitting = usable(listing.series).filter(({ guess }) => guess.contrast === contrast);
  const sure = fitting.filter(({ guess }) => guess.confidence === 'high');
  if (sure.length === 1) return sure[0]!;
  return fail('bad-value', {
    where,
    expected: `one series that is surely ${contrast}`,
    got:
      fitting.length === 0
        ? `none that looks like it among: ${listing.series.map(showChoice).join('; ')}`
        : fitting.map(showChoice).join('; '),
    todo: 'Name the series by its number.',
  });
}

/** What is said of archives among files that are no DICOM; nothing where there are none. */
export function archivesAmong(files: readonly string[]): string | undefined {
  const archives = files.filter((name) => /\.(?:zip|7z|rar|tar|tgz|tar\.gz)$/i.test(name));
  if (archives.length === 0) return undefined;
  const more = archives.length > 3 ? ` and ${archives.length - 3} more` : '';
  return `archives within: ${archives.slice(0, 3).join(', ')}${more}`;
}

/** A broken file may be a slice of any series, so none is read while there is one. */
function refuseBrokenFiles({ refused }: DicomListing): void {
  const first = refused[0];
  if (first) throw first.error;
}

function usable(series: readonly DicomSeries[]): readonly DicomSeries[] {
  const whole = series.filter(({ plan }) => !isProblem(plan));
  return whole.length > 0 ? whole : series;
}

function showChoice(series: DicomSeries): string {
  const { guess, plan, part } = series;
  const what = guess.contrast === 'other' ? guess.other : guess.contrast;
  const size = isProblem(plan) ? plan.kind : plan.size.join('×');
  return `${showSeries(series)}${part === undefined ? '' : ` (${part})`}, ${size}, ${what} (${guess.confidence})`;
}
