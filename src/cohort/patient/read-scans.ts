import { readTarget } from '../../datasets/read-target.node.js';
import { backgroundOf, foregroundOf } from '../../imaging/foreground.js';
import { readVolume } from '../../imaging/formats/volume-file.node.js';
import type { ReadLimits } from '../../imaging/read-limits.js';
import { completeRecipe, type PreparationRecipe } from '../../imaging/recipe.js';
import { type HeadOnGrid, whyNotRegistered } from '../../imaging/registration.js';
import type { Volume } from '../../imaging/volume.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import { fuseVolumes, type SourceTranslation } from '../../translate/fuse-volumes.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import {
  makeModality,
  type PreparedSource,
  prepareSource,
  type TumourMask,
} from '../../translate/translate-volume.js';
import type { OpenModel } from '../open-model.js';
import type { TranslatePatientRun, Translation, TumourFiles } from '../translation-job.js';

/** A source that is read and prepared. */
export interface Head {
  readonly source: string;
  readonly volume: Volume;
  readonly prepared: PreparedSource;
  /** Where it has brain, in the volume's own order. */
  readonly brain: Uint8Array;
  /** A brain mask, where it is not cut out. */
  readonly found?: Volume;
}

/** Reads and prepares one source. */
export async function readHead(
  source: string,
  from: VolumeSource,
  { brain: mask, tumour, settings: { limits } }: Pick<TranslatePatientRun, 'brain' | 'tumour' | 'settings'>,
  { recipe }: ModelMetadata,
  findBrain: OpenModel['findBrain'],
): Promise<Head> {
  const where = describeSource(from);
  const volume = await readVolume(from, { limits });
  const found = mask === null ? await findBrain?.(volume, where) : await readVolume(mask, { limits });
  const prepared = prepareSource(
    volume,
    { recipe },
    {
      source,
      where,
      ...(found ? { brain: found } : {}),
      ...(tumour ? { tumour: await readTumour(tumour, limits) } : {}),
    },
  );
  const rule = found ? ({ kind: 'nonzero' } as const) : completeRecipe(recipe, source).foreground;
  const brain = foregroundOf((found ?? volume).data, rule);
  return { source, volume, prepared, brain, ...(found ? { found } : {}) };
}

/** Reads where a tumour is. @throws UtadError as `readTarget`. */
export async function readTumour({ mask, labels }: TumourFiles, limits: ReadLimits): Promise<TumourMask> {
  const { volume, isTarget, where } = await readTarget({ ...(labels ? { labels } : {}) }, mask, limits);
  return { volume, isTumour: isTarget, where };
}

/** Translates from one source, or from several and fuses what comes out. @returns slices of the first source's */
export async function makeVolume(
  heads: readonly Head[],
  { target, fused }: Translation,
  model: OpenModel['model'],
  onProgress: (done: number, total: number) => void,
): Promise<{ readonly made: Volume; readonly slices: Float32Array; readonly spread?: Volume }> {
  const translations: (SourceTranslation & { readonly slices: Float32Array })[] = [];
  for (const [i, { source, prepared, brain }] of heads.entries()) {
    const made = await makeModality(prepared, model, source, target, (done, total) =>
      onProgress(i * total + done, heads.length * total),
    );
    translations.push({ where: source, made: made.volume, brain, slices: made.slices });
  }
  const [first] = translations as [(typeof translations)[number]];
  if (!fused) return first;
  const { valueRanges, recipe } = model.metadata;
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  const several = fuseVolumes(translations, fused.weights, valueRanges[target]!, background);
  return { made: several.fused, slices: first.slices, spread: several.spread };
}

/** Compares the patient's other scans with one of them. */
export async function registrationDoubts(
  { scans, brain, settings }: TranslatePatientRun,
  source: string,
  volume: Volume,
  recipe: PreparationRecipe,
): Promise<readonly string[]> {
  const cutOut = brain === null && settings.skullStrip === null;
  const head = ({ size, affineVoxelToWorld, data }: Volume, modality: string): HeadOnGrid => ({
    size,
    affineVoxelToWorld,
    ...(cutOut ? { brain: foregroundOf(data, completeRecipe(recipe, modality).foreground) } : {}),
  });
  const first = head(volume, source);
  const doubts: string[] = [];
  for (const [name, scan] of Object.entries(scans)) {
    if (name === source) continue;
    const other = await readVolume(scan, { limits: settings.limits }).catch(() => undefined);
    const why = other && whyNotRegistered(first, head(other, name));
    if (why !== undefined) doubts.push(`${source} and ${name} may not be co-registered: ${why}`);
  }
  return doubts;
}
