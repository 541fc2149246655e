import { stat } from 'node:fs/promises';
import { fail } from '../base/errors.js';
import { showSeriesGuess, sourceOfSeries } from '../datasets/dicom-series.node.js';
import { chooseSeries } from '../imaging/dicom/choose-series.js';
import { listDicomSeries } from '../imaging/dicom/dicom-files.node.js';
import type { DicomListing } from '../imaging/dicom/listing.js';
import { isProblem } from '../imaging/dicom/plan-slices.js';
import { requirePlan, showSeries } from '../imaging/dicom/read-volume.js';
import type { DicomSeries } from '../imaging/dicom/series.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { modalityIndex } from '../translate/translate-volume.js';
import { chooseSource } from './translate-source.js';

/** What is said about the series of one patient. */
export interface DicomRequest {
  /** Name, UID or description of the series to make from. */
  readonly series?: string;
  /** What that series shows. */
  readonly from?: string;
  /** Modalities to make, as given. */
  readonly to: 'missing' | 'all' | readonly string[];
}

/** The series to make from, what it shows, and what is to be made. */
export interface DicomChoice {
  readonly volume: VolumeSource;
  readonly source: string;
  readonly targets: readonly string[];
}

/**
 * Chooses the series of a patient's folder, ZIP or file to make modalities from.
 *
 * What a series shows is taken from its description and parameters only where they leave no doubt; else the person
 * has to say it. Of several sure series the source is chosen as for data sets (`chooseSource`).
 *
 * @throws UtadError not-found or bad-argument, listing the series that are there.
 */
export async function chooseDicom(
  path: string,
  metadata: ModelMetadata,
  request: DicomRequest,
  limits: ReadLimits,
): Promise<DicomChoice> {
  const { modalities } = metadata.model;
  if (request.from !== undefined) modalityIndex(modalities, request.from, '--from');
  const listing = await listDicomSeries(path, {
    voxels: limits.maximumVoxels,
    fileBytes: limits.maximumBytes,
  });
  const sure = sureSeries(listing, modalities);
  const wanted = targetsOf(request.to, modalities, [...sure.keys()], request.from);
  const { series, source } = chooseOne(path, listing, sure, wanted, metadata, request);
  const folder = (await stat(path)).isDirectory();
  const volume = folder ? sourceOfSeries(path, listing, series) : { path, series: series.name };
  return { volume, source, targets: wanted.filter((target) => target !== source) };
}

function chooseOne(
  path: string,
  listing: DicomListing,
  sure: ReadonlyMap<string, DicomSeries>,
  wanted: readonly string[],
  metadata: ModelMetadata,
  { series: named, from }: DicomRequest,
): { readonly series: DicomSeries; readonly source: string } {
  const volumes = listing.series.filter(({ plan }) => !isProblem(plan));
  if (named !== undefined || volumes.length < 2) {
    const series = chooseSeries(listing, path, named);
    requirePlan(series);
    return { series, source: from ?? requireSure(series, metadata.model.modalities) };
  }
  if (from !== undefined) {
    const looking = volumes.filter(({ guess }) => guess.contrast === from);
    const series = sure.get(from) ?? (looking.length === 1 ? looking[0] : undefined);
    return { series: series ?? refuseChoice(path, listing, `one series of ${from}`), source: from };
  }
  const chosen = wanted.map((target) => chooseSource(target, [...sure.keys()], metadata)?.source);
  const source = chosen.find((one) => one !== undefined);
  if (source !== undefined) return { series: sure.get(source)!, source };
  return refuseChoice(
    path,
    listing,
    `a series that is surely one of ${metadata.model.modalities.join(', ')}`,
  );
}

/** The series of each modality that leave no doubt and are the only one of their kind. */
function sureSeries(
  { series }: DicomListing,
  modalities: readonly string[],
): ReadonlyMap<string, DicomSeries> {
  const sure = new Map<string, DicomSeries>();
  for (const name of modalities) {
    const fitting = series.filter(
      ({ guess, plan }) => guess.contrast === name && guess.confidence === 'high' && !isProblem(plan),
    );
    if (fitting.length === 1) sure.set(name, fitting[0]!);
  }
  return sure;
}

function targetsOf(
  to: DicomRequest['to'],
  modalities: readonly string[],
  present: readonly string[],
  from: string | undefined,
): readonly string[] {
  if (to === 'all') return modalities;
  if (to === 'missing') return modalities.filter((name) => !present.includes(name) && name !== from);
  if (from === undefined || !to.includes(from)) return to;
  return fail('bad-argument', {
    where: '--to',
    expected: `another modality than ${from}, which the series is already`,
    got: to.join(','),
  });
}

function requireSure(series: DicomSeries, modalities: readonly string[]): string {
  const { contrast, confidence } = series.guess;
  if (confidence === 'high' && modalities.includes(contrast)) return contrast;
  return fail('bad-argument', {
    where: showSeries(series),
    expected: `a series that is surely one of ${modalities.join(', ')}`,
    got: showSeriesGuess(series),
    todo: 'Say what it shows with --from.',
  });
}

function refuseChoice(path: string, { series }: DicomListing, expected: string): never {
  return fail('bad-argument', {
    where: path,
    expected,
    got: series.map(showSeriesGuess).join('; '),
    todo: 'Name a series by its number with --series, and say what it shows with --from.',
  });
}
