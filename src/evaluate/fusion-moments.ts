import { fail } from '../base/errors.js';
import { binOf, fusionBins } from '../translate/fusion.js';

/** A patient's errors of the translations of one target from one set of sources. */
export interface FusionMoments {
  readonly target: string;
  /** In the model's order, n. */
  readonly sources: readonly string[];
  /** Share of the patient's voxels whose mean translation falls into each bin, [bins]. */
  readonly shares: readonly number[];
  /**
   * Mean over all voxels of the product of two sources' errors, counted in its bin, [bins · n · n]. Errors are less
   * their mean over voxels and sources: an offset that all sources share no weights can mend.
   */
  readonly products: readonly number[];
}

/** More sources than this have more subsets than are worth learning. */
const mostFusedSources = 5;

/**
 * Sets of two sources or more, in order.
 *
 * @throws UtadError not-supported for more than five sources.
 */
export function sourceSets(sources: readonly string[]): readonly (readonly string[])[] {
  if (sources.length > mostFusedSources) {
    fail('not-supported', {
      where: '--fuse',
      expected: `at most ${mostFusedSources} sources`,
      got: String(sources.length),
    });
  }
  const sets = Array.from({ length: 2 ** sources.length }, (_, bits) =>
    sources.filter((__, i) => (bits >> i) & 1),
  );
  return sets.filter(({ length }) => length >= 2).sort((a, b) => a.length - b.length);
}

/**
 * Errors of a target's translations at the voxels that are brain in every modality.
 *
 * @param translations one a source, on [0, 1]
 * @param truth on [0, 1]
 * @param brain 1 inside
 */
export function fusionMoments(
  target: string,
  sources: readonly string[],
  translations: readonly Float32Array[],
  truth: Float32Array,
  brain: Uint8Array,
): FusionMoments {
  const n = sources.length;
  const shares = new Array<number>(fusionBins).fill(0);
  const products = new Array<number>(fusionBins * n * n).fill(0);
  const errors = new Float64Array(n);
  const offset = meanError(translations, truth, brain);
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    if (!brain[i]) continue;
    let sum = 0;
    for (let s = 0; s < n; s++) {
      const value = translations[s]![i]!;
      sum += value;
      errors[s] = value - truth[i]! - offset;
    }
    const bin = binOf(sum / n);
    shares[bin]!++;
    count++;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) products[(bin * n + a) * n + b]! += errors[a]! * errors[b]!;
    }
  }
  // Every patient counts the same, however large its brain.
  return {
    target,
    sources,
    shares: shares.map((value) => value / count),
    products: products.map((value) => value / count),
  };
}

function meanError(translations: readonly Float32Array[], truth: Float32Array, brain: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    if (!brain[i]) continue;
    for (const image of translations) sum += image[i]! - truth[i]!;
    count += translations.length;
  }
  return sum / count;
}
