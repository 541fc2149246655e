import { basename } from 'node:path';
import { fail } from '../../base/errors.js';
import { stemOfVolumeName } from '../../datasets/brats-name.js';
import { candidateSeries, showSeriesGuess, sourceOfSeries } from '../../datasets/dicom-series.node.js';
import { chooseSeries } from '../../imaging/formats/dicom/choose-series.js';
import { isProblem } from '../../imaging/formats/dicom/plan-slices.js';
import { requirePlan, showSeries } from '../../imaging/formats/dicom/read-volume.js';
import type { DicomSeries } from '../../imaging/formats/dicom/series.js';
import { type ChosenSource, chooseSource } from '../../translate/choose-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import type { TranslationPlan } from '../translation-plan.js';
import { betterSource, candidatesFor, type Doubts, mayBeThere, whyWithheld } from './doubtful-targets.js';
import type { SeriesInput } from './find-input.js';
import { planPatient } from './plan-patient.js';
import type { TranslationRequest } from './translation-request.js';

/** The series to translate into a modality: what it shows and why it was chosen. */
interface ChosenSeries extends ChosenSource {
  readonly target: string;
  readonly series: DicomSeries;
}

/**
 * Plans one patient's DICOM files: chooses the series to translate into each modality.
 *
 * What a series shows is taken from its description and parameters only where they leave no doubt; otherwise the
 * request has to say it. Of several such series the source of each modality is chosen as for data sets (`chooseSource`).
 *
 * @throws UtadError not-found or bad-argument, listing the series that are there; as {@link planPatient}.
 */
export async function planSeries(
  input: SeriesInput,
  metadata: ModelMetadata,
  request: TranslationRequest,
): Promise<TranslationPlan> {
  const { path, listing, isFolder } = input;
  const { modalities } = metadata.model;
  const { sure: all } = candidateSeries(listing, listing.series);
  const sure = new Map([...all].filter(([name]) => modalities.includes(name)));
  const one = chooseOne(input, sure, metadata, request);
  // A series that a person named is what they say it is.
  const others = listing.series.filter((series) => series !== one?.series);
  const { doubts } = candidateSeries(listing, others);
  const lacked = targetsOf(request, modalities, [...sure.keys()]);
  const withheld = lacked.filter(
    (target) => request.to === 'missing' && candidatesFor(doubts, target).length > 0,
  );
  const wanted = lacked.filter((target) => !withheld.includes(target));
  const untranslatable = withheld.map((target) => ({
    id: stemOfVolumeName(basename(path)),
    message: whyWithheld(path, target, doubts),
  }));
  if (wanted.length === 0 && untranslatable.length > 0) refuseDoubtful(path, withheld, doubts);
  const chosen =
    one === undefined
      ? chooseEach(input, sure, wanted, metadata)
      : wanted.map((target) => ({ target, ...one }));
  const translations = chosen.map(({ series, ...choice }) => ({
    ...choice,
    notes: [
      ...(sure.has(choice.target) ? [] : mayBeThere(choice.target, doubts)),
      ...(request.series === undefined && request.from === undefined
        ? betterSource(choice.target, choice.source, [...sure.keys()], doubts, metadata)
        : []),
    ],
    from: isFolder ? sourceOfSeries(path, listing, series) : { path, series: series.name },
  }));
  const plan = await planPatient(path, translations, metadata, request);
  return { ...plan, untranslatable };
}

function refuseDoubtful(path: string, withheld: readonly string[], doubts: Doubts): never {
  const [first] = withheld as [string];
  return fail('bad-argument', {
    where: path,
    expected: 'a modality that is missing for sure',
    got: `${withheld.join(', ')}, which may be there already: ${candidatesFor(doubts, first).join('; ')}`,
    todo: `Name a series with --series, and say what it shows with --from, or ask for a synthetic one by name (--to ${first}).`,
  });
}

/** The series that was named, or that is the only one; nothing where each modality may have its own. */
function chooseOne(
  input: SeriesInput,
  sure: ReadonlyMap<string, DicomSeries>,
  metadata: ModelMetadata,
  { series: named, from }: TranslationRequest,
): Omit<ChosenSeries, 'target'> | undefined {
  const { path, listing } = input;
  const volumes = listing.series.filter(({ plan }) => !isProblem(plan));
  if (named !== undefined || volumes.length < 2) {
    const series = chooseSeries(listing, path, named);
    requirePlan(series);
    const source = from ?? requireSure(series, metadata.model.modalities);
    return { series, source, chosenBy: named === undefined ? 'the only series' : '--series' };
  }
  if (from === undefined) return undefined;
  const looking = volumes.filter(({ guess }) => guess.contrast === from);
  const series = sure.get(from) ?? (looking.length === 1 ? looking[0] : undefined);
  return {
    series: series ?? refuseChoice(input, `one series of ${from}`),
    source: from,
    chosenBy: '--from',
  };
}

/** For each modality the best of the series that leave no doubt. */
function chooseEach(
  input: SeriesInput,
  sure: ReadonlyMap<string, DicomSeries>,
  wanted: readonly string[],
  metadata: ModelMetadata,
): readonly ChosenSeries[] {
  const { modalities } = metadata.model;
  if (sure.size === 0) refuseChoice(input, `a series that is surely one of ${modalities.join(', ')}`);
  return wanted.map((target) => {
    const chosen = chooseSource(target, [...sure.keys()], metadata);
    // Where the only sure series is the target itself, planPatient refuses it.
    const { source, chosenBy } = chosen ?? { source: target, chosenBy: 'the only sure series' };
    return { target, source, chosenBy, series: sure.get(source)! };
  });
}

function targetsOf(
  { to, from }: TranslationRequest,
  modalities: readonly string[],
  present: readonly string[],
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

function refuseChoice({ path, listing }: SeriesInput, expected: string): never {
  return fail('bad-argument', {
    where: path,
    expected,
    got: listing.series.map(showSeriesGuess).join('; '),
    todo: 'Name a series by its number with --series, and say what it shows with --from.',
  });
}
