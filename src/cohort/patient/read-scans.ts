import { readTarget } from '../../datasets/read-target.node.js';
import { readVolume } from '../../imaging/formats/volume-file.node.js';
import { describeGrid } from '../../imaging/geometry.js';
import type { ReadLimits } from '../../imaging/read-limits.js';
import { reorientVolume } from '../../imaging/reorient.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import { type PreparedScan, prepareScan } from '../../translate/prepare-scan.js';
import type { TumourMask } from '../../translate/translate-volume.js';
import type { OpenModel } from '../open-model.js';
import type { TranslatePatientRun, Translation, TumourFiles } from '../translation-job.js';

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
  return fused?.joint ? onOneGrid(scans) : scans;
}

/** The scans on the grid of the first one, which is told of the others: a network cannot be given these together. */
function onOneGrid([first, ...more]: readonly PreparedScan[]): readonly PreparedScan[] {
  if (first === undefined) return [];
  const fits = more.filter(({ volume }) => reorientVolume(volume, first.volume) !== undefined);
  const leftOut = more
    .filter((scan) => !fits.includes(scan))
    .map(
      ({ modality, volume }) =>
        `${modality} is left out: it lies on another grid (${describeGrid(volume)}) than ${first.modality} ` +
        `(${describeGrid(first.volume)})`,
    );
  return [{ ...first, warnings: [...first.warnings, ...leftOut] }, ...fits];
}

async function readScan(
  modality: string,
  from: VolumeSource,
  { brain: mask, tumour, settings: { limits } }: TranslatePatientRun,
  { model: { metadata }, findBrain }: OpenModel,
): Promise<PreparedScan> {
  const where = describeSource(from);
  const volume = await readVolume(from, { limits });
  const brain = mask === null ? await findBrain?.(volume, where) : await readVolume(mask, { limits });
  return prepareScan(volume, metadata, {
    source: modality,
    where,
    ...(brain === undefined ? {} : { brain }),
    ...(tumour ? { tumour: await readTumour(tumour, limits) } : {}),
  });
}

async function readTumour({ mask, labels }: TumourFiles, limits: ReadLimits): Promise<TumourMask> {
  const { volume, isTarget, where } = await readTarget({ ...(labels ? { labels } : {}) }, mask, limits);
  return { volume, isTumour: isTarget, where };
}
