import type { Triple } from '../imaging/volume.js';
import type { VolumeSource } from '../imaging/volume-source.js';

/** Something that a person should know about a case. An error prevents use; a warning may lower quality. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** All files that the text is about, relative to the data set, where the text lists only some. */
  readonly files?: readonly string[];
}

/** Exit status of `utad inspect` where problems prevent use, and with `--strict` where there are warnings only. */
export const inspectionStatus = { error: 1, warning: 3 } as const;

/** What a case holds and what is wrong with it. */
export interface CaseInspection {
  readonly id: string;
  /** Modality name → its volume, for those that are there. */
  readonly modalities: Readonly<Record<string, VolumeSource>>;
  readonly mask?: VolumeSource;
  /** Geometry of the first readable volume: voxels along i, j, k; millimetres; directions such as LPS. */
  readonly size?: Triple;
  readonly spacingMm?: Triple;
  readonly orientation?: string;
  /** Distinct labels of the mask. */
  readonly labels?: readonly number[];
  /** Label → millilitres, without the background. */
  readonly labelsMl?: Readonly<Record<string, number>>;
  /** Name of the convention they are read by. */
  readonly convention?: string;
  /** Region → millilitres. */
  readonly regionsMl?: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

/** Fewer distinct intensities than this fit in one byte. */
const byteLevels = 256;
/** An unclipped image has one or two voxels at its maximum; clipping at a high percentile leaves many. */
const clippedHigh = { voxels: 10, share: 1e-4 };
/** Dark tissue may share the lowest value here and there; more than this was cut off or filled in. */
const clippedLowShare = 0.01;

/** Something suspicious about an image's intensities: what, in words that all images share, and how much. */
interface IntensityWarning {
  readonly what: string;
  readonly detail: string;
}

/** Says what is suspicious about the intensities in the brain (where `brain` is 1). */
export function intensityWarnings(data: Float32Array, brain: Uint8Array): readonly IntensityWarning[] {
  const levels = new Set<number>();
  let count = 0;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [atLowest, atHighest] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!brain[i]) continue;
    const value = data[i]!;
    count++;
    if (levels.size <= byteLevels) levels.add(value);
    if (value < lowest) [lowest, atLowest] = [value, 0];
    if (value > highest) [highest, atHighest] = [value, 0];
    if (value === lowest) atLowest++;
    if (value === highest) atHighest++;
  }
  const warnings: IntensityWarning[] = [];
  if (levels.size < byteLevels) {
    warnings.push({ what: 'as few distinct intensities as in 8 bits', detail: `${levels.size}` });
  }
  if (atHighest >= clippedHigh.voxels && atHighest / count >= clippedHigh.share) {
    warnings.push({ what: 'bright end clipped', detail: `${atHighest} voxels at ${highest}` });
  }
  if (atLowest / count >= clippedLowShare) {
    const detail = `${percent(atLowest / count)} of the brain at ${lowest}`;
    warnings.push({ what: 'dark end clipped, or part of the brain not imaged', detail });
  }
  return warnings;
}

/** A share of 1 as people read it. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
