import { backgroundOf, foregroundIn, foregroundOf } from '../../imaging/foreground.js';
import { prepareVolume } from '../../imaging/prepare.js';
import { completeRecipe, type PreparationRecipe } from '../../imaging/recipe.js';
import { reorient, reorientVolume } from '../../imaging/reorient.js';
import type { Volume } from '../../imaging/volume.js';
import { fuseVolumes } from '../../translate/fuse-volumes.js';
import type { LoadedModel } from '../../translate/loaded-model.js';
import { type PreparedScan, translateScan } from '../../translate/prepare-scan.js';
import type { SyntheticVolume } from '../../translate/translate-volume.js';
import type { FusedFrom } from '../translation-job.js';

/** What scans are translated into, and how several are fused. */
interface WantedTranslation {
  readonly target: string;
  readonly fused?: Pick<FusedFrom, 'weights' | 'joint'>;
}

/** A translated volume on the grid of its first source. */
export interface TranslatedScans extends SyntheticVolume {
  /** The standard deviation between the translations, where it is fused from several. */
  readonly spread?: Volume;
}

/**
 * Translates a patient's scans into a modality: from one scan, or from several, whose translations are fused.
 *
 * @returns the slices are those of the first source
 * @throws UtadError bad-shape when scans to fuse are not on one grid.
 */
export async function translateScans(
  scans: readonly PreparedScan[],
  { target, fused }: WantedTranslation,
  model: Pick<LoadedModel, 'metadata' | 'translateSlices'>,
  onProgress: (done: number, total: number) => void,
): Promise<TranslatedScans> {
  if (fused?.joint) return translateScan(withOthers(scans, model.metadata.recipe), model, target, onProgress);
  const translations: SyntheticVolume[] = [];
  for (const [i, scan] of scans.entries()) {
    translations.push(
      await translateScan(scan, model, target, (done, total) =>
        onProgress(i * total + done, scans.length * total),
      ),
    );
  }
  const [first] = translations as [SyntheticVolume];
  if (!fused) return first;
  const { valueRanges, recipe } = model.metadata;
  const sources = scans.map((scan, i) => {
    const { volume } = translations[i]!;
    const brain = brainOf(scan, recipe);
    // Scans whose axes are only exchanged or mirrored are one grid; others are refused.
    return {
      where: scan.modality,
      volume: reorientVolume(volume, first.volume) ?? volume,
      brain: reorient(brain, volume, first.volume) ?? brain,
    };
  });
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  const several = fuseVolumes(sources, fused.weights, valueRanges[target]!, background);
  return { volume: several.fused, slices: first.slices, spread: several.spread };
}

/** The first scan with the others beside it, as slices of one view. @throws UtadError bad-shape for another grid. */
function withOthers([first, ...more]: readonly PreparedScan[], recipe: PreparationRecipe): PreparedScan {
  const others = more.map(({ modality, volume, where, brain }) => {
    const moved = reorientVolume(volume, first!.volume) ?? volume;
    const options = { modality, like: first!.prepared.record, ...(brain ? { brain } : {}) };
    return [modality, prepareVolume(moved, recipe, where, options)] as const;
  });
  return { ...first!, prepared: { ...first!.prepared, others: Object.fromEntries(others) } };
}

/** Where a scan has brain, in the order of its voxels. */
function brainOf({ modality, volume, brain }: PreparedScan, recipe: PreparationRecipe): Uint8Array {
  const rule = brain ? ({ kind: 'nonzero' } as const) : completeRecipe(recipe, modality).foreground;
  if (!brain) return foregroundIn(volume, rule);
  return foregroundOf((reorientVolume(brain, volume) ?? brain).data, rule);
}
