import { fail } from '../base/errors.js';
import { meanDeviation } from './deviation.js';

/**
 * Cycle error: how far a translation, translated back, is from its source, |G(G(x)) − x| / 2 in the brain, 0 elsewhere.
 *
 * @param source slices [K,S,S] in [−1, 1]
 * @param back the translation's translation, same shape
 * @param brain same shape, 1 in the brain
 * @returns same shape, on the [0, 1] scale
 */
export function cycleError(source: Float32Array, back: Float32Array, brain: Uint8Array): Float32Array {
  return source.map((value, i) => (brain[i] ? Math.abs(clamped(back[i]!) - value) / 2 : 0));
}

/**
 * Spread of the translations of several sources into one target: their standard deviation, 0 outside the brain.
 *
 * @param translations slices [K,S,S] in [−1, 1], one for each source, at least two
 * @param brain same shape, 1 in the brain
 * @returns same shape, on the [0, 1] scale: √(mean of squares − square of mean) / 2
 * @throws UtadError bad-argument for fewer than two.
 */
export function spreadOf(translations: readonly Float32Array[], brain: Uint8Array): Float32Array {
  if (translations.length < 2)
    fail('bad-argument', {
      where: 'spread',
      expected: 'translations from two sources',
      got: `${translations.length}`,
    });
  const values = new Float64Array(translations.length);
  return translations[0]!.map((_, i) => {
    if (!brain[i]) return 0;
    for (const [k, one] of translations.entries()) values[k] = clamped(one[i]!);
    return meanDeviation(values, false).deviation! / 2;
  });
}

/** A map's mean and 95th percentile in the brain. */
export interface MapSummary {
  readonly mean: number;
  readonly percentile95: number;
}

/**
 * Summarises a map in the brain.
 *
 * @param map any shape
 * @param brain same shape, 1 in the brain
 * @throws UtadError bad-value when there is no brain.
 */
export function summariseMap(map: Float32Array, brain: Uint8Array): MapSummary {
  const inside = map.filter((_, i) => brain[i]).sort();
  if (inside.length === 0)
    fail('bad-value', { where: 'disagreement map', expected: 'a brain', got: 'an empty mask' });
  return {
    mean: inside.reduce((sum, value) => sum + value, 0) / inside.length,
    percentile95: inside[Math.floor(0.95 * (inside.length - 1))]!,
  };
}

function clamped(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
