import { foregroundIn } from '../../imaging/foreground.js';
import { readVolume } from '../../imaging/formats/volume-file.node.js';
import { completeRecipe, type PreparationRecipe } from '../../imaging/recipe.js';
import { type HeadOnGrid, whyNotRegistered } from '../../imaging/registration.js';
import { reorientVolume } from '../../imaging/reorient.js';
import type { Volume } from '../../imaging/volume.js';
import type { PreparedScan } from '../../translate/prepare-scan.js';
import type { TranslatePatientRun } from '../translation-job.js';

/** Compares the patient's other scans with one of them. @returns which do not lie as it does, and why */
export async function registrationDoubts(
  { scans, brain, settings }: TranslatePatientRun,
  { modality, volume }: Pick<PreparedScan, 'modality' | 'volume'>,
  recipe: PreparationRecipe,
): Promise<readonly string[]> {
  const skullStripped = brain === null && settings.skullStrip === null;
  const headOf = (scan: Volume, name: string): HeadOnGrid => ({
    size: scan.size,
    affineVoxelToWorld: scan.affineVoxelToWorld,
    ...(skullStripped ? { brain: foregroundIn(scan, completeRecipe(recipe, name).foreground) } : {}),
  });
  const head = headOf(volume, modality);
  const doubts: string[] = [];
  for (const [name, scan] of Object.entries(scans)) {
    if (name === modality) continue;
    const other = await readVolume(scan, { limits: settings.limits }).catch(() => undefined);
    const why = other && whyNotRegistered(head, headOf(reorientVolume(other, volume) ?? other, name));
    if (why !== undefined) doubts.push(`${modality} and ${name} may not be co-registered: ${why}`);
  }
  return doubts;
}
