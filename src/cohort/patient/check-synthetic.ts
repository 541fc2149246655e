import { basename } from 'node:path';
import { UtadError } from '../../base/errors.js';
import { readVolume, writeVolumeFile } from '../../imaging/formats/volume-file.node.js';
import { type PreparedVolume, prepareVolume } from '../../imaging/prepare.js';
import type { Volume } from '../../imaging/volume.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import { describeChange, type TumourChange, tumourThresholds } from '../../survival/tumour-change.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import type { TranslateSettings } from '../translation-job.js';
import {
  checkTranslation,
  type DisagreementMap,
  type TranslationCheck,
  type TranslationToCheck,
} from './check-translation.js';

/** What a check leaves: maps beside the translation, a part of its sidecar, a line for the terminal. */
export interface WrittenCheck {
  readonly record: object;
  readonly line: string;
  /** Where the segmenter says that the tumour changed. */
  readonly warnings: readonly string[];
}

/** Names of the maps that a check writes. */
export const mapKinds = ['cycle-error', 'spread'] as const;

/** Where a map lies: beside the translation, which no reader of data sets takes for a scan either. */
export function mapPath(out: string, kind: (typeof mapKinds)[number]): string {
  return `${out.replace(/\.nii(?:\.gz)?$/i, '')}_${kind}.nii.gz`;
}

/** Checks a translation and writes its maps. @throws UtadError as `checkTranslation`; io. */
export async function checkAndWrite(task: TranslationToCheck, out: string): Promise<WrittenCheck> {
  const check = await checkTranslation(task);
  const { cycleError, spread, tumour, unsure } = check;
  const range = task.model.metadata.valueRanges[task.target]!;
  const write = async (kind: (typeof mapKinds)[number], { map }: DisagreementMap): Promise<void> =>
    writeVolumeFile(mapPath(out, kind), map, {
      description: `${kind} of synthetic ${task.target} from ${task.source}`,
    });
  await write('cycle-error', cycleError);
  if (spread) await write('spread', spread);
  const figures = (kind: (typeof mapKinds)[number], { mean, percentile95 }: DisagreementMap) => ({
    file: basename(mapPath(out, kind)),
    mean: rounded(mean),
    percentile95: rounded(percentile95),
  });
  return {
    record: {
      unit: `intensities of ${task.target}, which reach from ${range.low} to ${range.high}`,
      cycleError: figures('cycle-error', cycleError),
      spread: spread && { ...figures('spread', spread), sources: spread.sources },
      tumour: tumour && { ...tumour, unsure, thresholds: tumourThresholds },
    },
    line: lineOf(check, range),
    warnings:
      tumour && tumour.flags.length > 0 && unsure.length === 0
        ? [
            `${task.target} from ${task.source}: the segmenter’s ${describeChange(tumour)}; do not trust it there`,
          ]
        : [],
  };
}

function lineOf(
  { cycleError, spread, tumour, unsure }: TranslationCheck,
  range: { low: number; high: number },
): string {
  const share = ({ mean, percentile95 }: DisagreementMap): string =>
    `${rounded(mean)} (95 %: ${rounded(percentile95)})`;
  return [
    `disagreement on a range of ${rounded(range.high - range.low)}: there and back ${share(cycleError)}`,
    ...(spread ? [`between ${spread.sources.join(', ')} ${share(spread)}`] : []),
    ...(tumour ? [toldOf(tumour, unsure)] : []),
  ].join('; ');
}

function toldOf(tumour: TumourChange, unsure: readonly string[]): string {
  if (unsure.length > 0)
    return `tumour not judged: the segmenter misses tumours on ${unsure.join(' and ')} alone`;
  return tumour.wasSeen ? describeChange(tumour) : 'no tumour seen in the source';
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** A patient's other scans on the slices of one, read once each. */
export function otherScans(
  scans: Readonly<Record<string, VolumeSource>>,
  { recipe, model }: ModelMetadata,
  { limits }: Pick<TranslateSettings, 'limits'>,
): (
  head: { readonly source: string; readonly prepared: PreparedVolume; readonly brain?: Volume },
  target: string,
) => Promise<Readonly<Record<string, PreparedVolume>>> {
  const known = new Map<string, PreparedVolume | null>();
  return async ({ source, prepared, brain }, target) => {
    const usable: Record<string, PreparedVolume> = {};
    for (const [modality, scan] of Object.entries(scans)) {
      if (modality === source || modality === target || !model.modalities.includes(modality)) continue;
      const key = `${source} ${modality}`;
      if (!known.has(key)) {
        const options = { modality, like: prepared.record, ...(brain ? { brain } : {}) };
        known.set(
          key,
          await readVolume(scan, { limits })
            .then((volume) => prepareVolume(volume, recipe, describeSource(scan), options))
            .catch(unusable),
        );
      }
      const other = known.get(key);
      if (other) usable[modality] = other;
    }
    return usable;
  };
}

/** A scan that cannot be used is said where it is translated itself; here it only is no second opinion. */
function unusable(error: unknown): null {
  if (error instanceof UtadError) return null;
  throw error;
}
