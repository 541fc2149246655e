import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient, type PreparedPatient } from '../datasets/prepared-patient.node.js';
import { readTarget } from '../datasets/read-target.node.js';
import { insideOf, maskGridOf, type RegionFigures, regionFigures } from './region-figures.js';
import { segmentPatient } from './segment-patient.js';
import type { LoadedSegmenter } from './segmenter.node.js';

/** Figures of one patient from some of its modalities. */
export interface ValidatedPatient {
  readonly patient: string;
  /** What the segmenter was given. */
  readonly given: readonly string[];
  readonly regions: Readonly<Record<string, RegionFigures>>;
}

/**
 * Segments a patient whose true regions are known, from each of several sets of its modalities, and compares on the
 * grid of the scans. Sets of which the patient has nothing, or just what it has of an earlier one, are left out.
 *
 * @throws UtadError as loadPreparedPatient; bad-value when the labels do not tell a region.
 */
export async function validatePatient(
  one: CaseFiles,
  segmenter: Pick<LoadedSegmenter, 'metadata' | 'segment'>,
  sets: readonly (readonly string[])[],
): Promise<ValidatedPatient[]> {
  const { model, recipe, labels } = segmenter.metadata;
  const patient = await loadPreparedPatient(one, recipe, model.modalities);
  const { volume, isIn } = await readTarget(one, one.mask!);
  const grid = maskGridOf(volume);
  const truths = model.regions.map((region) => {
    const rule = isIn(region);
    return Uint8Array.from(volume.data, (label) => (rule(label) ? 1 : 0));
  });
  const results: ValidatedPatient[] = [];
  for (const set of sets) {
    const given = set.filter((name) => patient.modalities[name] !== undefined);
    if (given.length === 0 || results.some((other) => other.given.join() === given.join())) continue;
    const { probabilities } = await segmentPatient(withOnly(patient, given), segmenter, labels);
    const regions = model.regions.map((region, r) => {
      const found = insideOf(probabilities[region]!.data);
      return [region, regionFigures(found, truths[r]!, grid)] as const;
    });
    results.push({ patient: one.id, given, regions: Object.fromEntries(regions) });
  }
  return results;
}

/** A patient with some of its modalities only. */
function withOnly(patient: PreparedPatient, names: readonly string[]): PreparedPatient {
  const kept = names.map((name) => [name, patient.modalities[name]!] as const);
  return { ...patient, modalities: Object.fromEntries(kept) };
}
