import { fail } from '../base/errors.js';

/** A convention for label maps: what stands in each region outside the regions within it. */
export interface WrittenLabels {
  readonly name: string;
  readonly labels: Readonly<Record<string, number>>;
}

/**
 * Conventions that label maps of tumours can be written in.
 *
 * @source BraTS 2017–2021: 2 oedema, 1 core without enhancement, 4 enhancing; 2023: enhancing is 3; Medical
 * Segmentation Decathlon, Task01: 1 oedema, 2 core without enhancement, 3 enhancing.
 */
export const writtenConventions = {
  'brats-2021': { whole: 2, core: 1, enhancing: 4 },
  'brats-2023': { whole: 2, core: 1, enhancing: 3 },
  msd: { whole: 1, core: 2, enhancing: 3 },
} as const;

/**
 * The labels of regions: those of a convention that knows them all, else their numbers in order, from 1.
 *
 * @throws UtadError bad-argument when the convention is asked for and does not know a region.
 */
export function labelsFor(regions: readonly string[], asked?: string): WrittenLabels {
  const name = asked ?? 'brats-2021';
  const table: Readonly<Record<string, number>> | undefined =
    name in writtenConventions ? writtenConventions[name as keyof typeof writtenConventions] : undefined;
  if (table !== undefined && regions.every((region) => region in table))
    return { name, labels: Object.fromEntries(regions.map((region) => [region, table[region]!])) };
  if (asked === undefined || asked === 'numbered')
    return { name: 'numbered', labels: Object.fromEntries(regions.map((region, i) => [region, i + 1])) };
  return fail('bad-argument', {
    where: '--write-labels',
    expected: `numbered, or a convention that knows ${regions.join(', ')}`,
    got: asked,
  });
}

/**
 * Makes one label volume of nested regions: each is painted over those before it.
 *
 * @param probabilities of each region, all of one length
 * @returns 0 where no region's probability reaches one half
 */
export function labelMap(
  probabilities: readonly Float32Array[],
  regions: readonly string[],
  labels: Readonly<Record<string, number>>,
): Float32Array {
  const map = new Float32Array(probabilities[0]!.length);
  regions.forEach((region, r) => {
    const values = probabilities[r]!;
    for (let i = 0; i < map.length; i++) if (values[i]! >= 0.5) map[i] = labels[region]!;
  });
  return map;
}
