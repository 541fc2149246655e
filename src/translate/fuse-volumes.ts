import { requireSameGrid } from '../imaging/geometry.js';
import type { Volume } from '../imaging/volume.js';
import { fuseTranslations } from './fusion.js';

/** A translation from one source. */
interface SourceTranslation {
  /** Its source, for messages. */
  readonly where: string;
  /** On its source's own grid, in the target's intensities. */
  readonly volume: Volume;
  /** Where the source has brain, in the volume's own order of voxels; not 0 inside. */
  readonly brain: Uint8Array;
}

/** A volume that is fused from several translations. */
interface FusedVolume {
  readonly fused: Volume;
  /** Standard deviation of the translations at each voxel, in the target's intensities; 0 outside the brain. */
  readonly spread: Volume;
}

/**
 * Fuses translations from several sources of a patient into one volume, voxel by voxel; see {@link fuseTranslations}.
 *
 * @param sources in the order of the weights, on one grid
 * @param weights [bins][sources]; null for the plain mean
 * @param range the intensities that 0 and 1 were given back as
 * @param background what is written where no source has brain
 * @returns volumes with the first one's affine and header
 * @throws UtadError bad-shape when the grids differ.
 */
export function fuseVolumes(
  sources: readonly SourceTranslation[],
  weights: readonly (readonly number[])[] | null,
  range: { readonly low: number; readonly high: number },
  background: number,
): FusedVolume {
  requireSameGrid(Object.fromEntries(sources.map(({ where, volume }) => [where, volume])));
  const { low, high } = range;
  const brains = sources.map(({ brain }) => brain);
  const units = sources.map(({ volume }) => volume.data.map((value) => (value - low) / (high - low)));
  const { fused, spread } = fuseTranslations(units, brains, weights);
  const first = sources[0]!.volume;
  const inside = (i: number): boolean => brains.some((brain) => brain[i] !== 0);
  return {
    fused: { ...first, data: fused.map((value, i) => (inside(i) ? low + value * (high - low) : background)) },
    spread: { ...first, data: spread.map((value) => value * (high - low)) },
  };
}
