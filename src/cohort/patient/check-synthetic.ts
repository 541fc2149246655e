import { basename } from 'node:path';
import { writeVolumeFile } from '../../imaging/formats/volume-file.node.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import { describeChange, type TumourChange, tumourThresholds } from '../../survival/tumour-change.js';
import { type MapKind, mapPath } from '../output/disagreement-maps.js';
import {
  checkTranslation,
  type DisagreementMap,
  type TranslationCheck,
  type TranslationToCheck,
} from './check-translation.js';

/** What a check leaves besides its maps: a part of the sidecar, a line for people. */
export interface WrittenCheck {
  readonly record: object;
  readonly line: string;
  /** Set when the segmenter says that the tumour changed. */
  readonly warnings: readonly string[];
}

/** Checks a translation and writes its maps. @throws UtadError as `checkTranslation`; io. */
export async function checkSynthetic(task: TranslationToCheck, out: string): Promise<WrittenCheck> {
  const check = await checkTranslation(task);
  const { cycleError, spread, tumour, unsure } = check;
  const range = task.model.metadata.valueRanges[task.target]!;
  const write = async (kind: MapKind, { map }: DisagreementMap): Promise<void> =>
    writeVolumeFile(mapPath(out, kind), map, {
      description: `${kind} of synthetic ${task.target} from ${task.source}, utad-net ${packageVersion()}`,
    });
  await write('cycle-error', cycleError);
  if (spread) await write('spread', spread);
  const figures = (kind: MapKind, { mean, percentile95 }: DisagreementMap) => ({
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
    ...(tumour ? [describeTumour(tumour, unsure)] : []),
  ].join('; ');
}

function describeTumour(tumour: TumourChange, unsure: readonly string[]): string {
  if (unsure.length > 0)
    return `tumour not checked: the segmenter misses tumours on ${unsure.join(' and ')} alone`;
  return tumour.wasDetected ? describeChange(tumour) : 'no tumour detected in the source';
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
