import { readTarget } from '../../datasets/read-target.node.js';
import { readVolume } from '../../imaging/formats/volume-file.node.js';
import type { ReadLimits } from '../../imaging/read-limits.js';
import type { Volume } from '../../imaging/volume.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import { warningsAbout } from '../../translate/source-warnings.js';
import { type PreparedSource, prepareSource, type TumourMask } from '../../translate/translate-volume.js';
import type { OpenModel } from '../open-model.js';
import type { TranslatePatientRun, Translation, TumourFiles } from '../translation-job.js';

/** A scan that is read and prepared for the network. */
export interface PreparedScan {
  readonly modality: string;
  /** Its file, for messages. */
  readonly where: string;
  readonly volume: Volume;
  readonly prepared: PreparedSource;
  /** A brain mask, where the scan is not skull-stripped. */
  readonly brain?: Volume;
  /** What is doubtful about it. */
  readonly warnings: readonly string[];
}

/** Reads and prepares the scan that a modality is translated from, or those that it is fused from. */
export async function readScans(
  { source, from, fused }: Translation,
  run: TranslatePatientRun,
  tools: OpenModel,
): Promise<readonly PreparedScan[]> {
  const files = [from, ...(fused?.more ?? [])];
  const scans: PreparedScan[] = [];
  for (const [i, modality] of (fused?.sources ?? [source]).entries())
    scans.push(await readScan(modality, files[i]!, run, tools));
  return scans;
}

async function readScan(
  modality: string,
  from: VolumeSource,
  { brain: mask, tumour, settings: { limits } }: TranslatePatientRun,
  { model: { metadata }, findBrain }: OpenModel,
): Promise<PreparedScan> {
  const where = describeSource(from);
  const volume = await readVolume(from, { limits });
  const found = mask === null ? await findBrain?.(volume, where) : await readVolume(mask, { limits });
  const brain = found ? { brain: found } : {};
  const prepared = prepareSource(volume, metadata, {
    source: modality,
    where,
    ...brain,
    ...(tumour ? { tumour: await readTumour(tumour, limits) } : {}),
  });
  const warnings = warningsAbout(volume, prepared, metadata, modality);
  return { modality, where, volume, prepared, ...brain, warnings };
}

async function readTumour({ mask, labels }: TumourFiles, limits: ReadLimits): Promise<TumourMask> {
  const { volume, isTarget, where } = await readTarget({ ...(labels ? { labels } : {}) }, mask, limits);
  return { volume, isTumour: isTarget, where };
}
