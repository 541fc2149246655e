import { fail } from '../base/errors.js';
import { translateScans } from '../cohort/patient/translate-scans.js';
import type { CaseFiles } from '../datasets/case.js';
import { readTarget, type Target } from '../datasets/read-target.node.js';
import { axialGridOf } from '../imaging/axial-grid.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { requireSameGrid } from '../imaging/geometry.js';
import { normalise } from '../imaging/normalise.js';
import { toAxial } from '../imaging/orientation.js';
import { axialMask } from '../imaging/prepare.js';
import { reorientVolume } from '../imaging/reorient.js';
import type { Volume } from '../imaging/volume.js';
import { describeSource } from '../imaging/volume-source.js';
import type { NormalisedVolume } from '../regression/local-features.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { type PreparedScan, prepareScan } from '../translate/prepare-scan.js';
import type { ComparedPatient } from './compared-patient.js';
import { brainOfSources, type TranslateFrom } from './protocol.js';

/** A patient on its own grid: what is compared, and the scans that are translated. */
export interface NativePatient {
  readonly compared: ComparedPatient;
  /** Modality → the scan, prepared as `utad translate` prepares it. */
  readonly scans: Readonly<Record<string, PreparedScan>>;
}

/**
 * Reads a patient and prepares every scan as `utad translate` does; what is compared with are the scans' own voxels, normalised by
 * the model's recipe: between its percentiles in the brain, clamped to [0, 1], 0 outside the brain.
 *
 * @throws UtadError naming the file: missing, unreadable, unusable, or not on the grid of the others; not-found when the
 * patient has none of the model's modalities.
 */
export async function loadNativePatient(one: CaseFiles, metadata: ModelMetadata): Promise<NativePatient> {
  const { modalities, tumourMask } = metadata.model;
  const brain = one.foreground === undefined ? {} : { brain: await readVolume(one.foreground) };
  const target = one.mask === undefined ? undefined : await readTarget(one, one.mask);
  const scans: Record<string, PreparedScan> = {};
  const volumes: Record<string, Volume> = {};
  for (const name of modalities) {
    const source = one.modalities[name];
    if (source === undefined) continue;
    const where = describeSource(source);
    const read = await readVolume(source);
    const [first] = Object.values(volumes);
    // Axes that are only exchanged or mirrored are one grid.
    const volume = (first && reorientVolume(read, first)) ?? read;
    volumes[where] = volume;
    requireSameGrid(volumes);
    scans[name] = prepareScan(volume, metadata, {
      source: name,
      where,
      ...brain,
      ...(tumourMask && target ? { tumour: tumourOf(target) } : {}),
    });
  }
  return { compared: comparedPatient(one.id, scans, modalities, target), scans };
}

function tumourOf({ volume, isTarget, where }: Target) {
  return { volume, isTumour: isTarget, where };
}

function comparedPatient(
  id: string,
  scans: Readonly<Record<string, PreparedScan>>,
  modalities: readonly string[],
  target: Target | undefined,
): ComparedPatient {
  const present = Object.entries(scans);
  const [first] = Object.values(scans);
  if (first === undefined) {
    return fail('not-found', { where: id, expected: `one of ${modalities.join(', ')}`, got: 'none of them' });
  }
  const { record } = first.prepared;
  return {
    id,
    gridName: 'native',
    grid: axialGridOf(record),
    modalities: Object.fromEntries(present.map(([name, scan]) => [name, normalisedVolume(scan)])),
    ...(target ? { tumour: axialMask(target.volume, target.isTarget, record, target.where) } : {}),
  };
}

/** A scan's own voxels in axial order, normalised by its recipe. */
function normalisedVolume({ volume, prepared }: PreparedScan): NormalisedVolume {
  const [{ order }, { brain, range }] = prepared.record.steps;
  return { unit: normalise(toAxial(volume.data, order), brain, range), brain };
}

/** How a native patient is translated. */
interface NativeTranslation {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  /** [bins][sources] for several sources; null for the plain mean. */
  readonly weightsFor: (target: string, sources: readonly string[]) => readonly (readonly number[])[] | null;
  /** Called between slices. */
  readonly onSlices: () => void;
}

/**
 * Translates as `utad translate` does, up to the volume that it would write, and brings that back to [0, 1] by the range that it
 * was written over.
 */
export function translateNatively(
  { compared, scans }: NativePatient,
  { model, weightsFor, onSlices }: NativeTranslation,
): TranslateFrom {
  return async (sources, target) => {
    const given = sources.map((name) => scans[name]!);
    // As utad translate: a network of any sources is given all of them at once.
    const joint = model.metadata.model.network === 'any-source' ? ({ joint: true } as const) : {};
    const fused = { weights: weightsFor(target, sources), ...joint };
    const wanted = { target, ...(given.length < 2 ? {} : { fused }) };
    const { volume } = await translateScans(given, wanted, model, onSlices);
    const { low, high } = model.metadata.valueRanges[target]!;
    const values = toAxial(volume.data, given[0]!.prepared.record.steps[0].order);
    const brain = brainOfSources(compared, sources);
    return values.map((value, i) => (brain[i] ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0));
  };
}
