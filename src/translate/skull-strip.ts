import { z } from 'zod';
import { refuse } from '../base/errors.js';
import { largestWithoutHoles } from '../imaging/components.js';
import { boxOf, regrid, straightGrid } from '../imaging/regrid.js';
import { noOrigin, type Triple, type Volume } from '../imaging/volume.js';

/**
 * How a network that finds the brain wants its input, and what its output means. What is left out is SynthStrip's.
 *
 * @source SynthStrip: Hoopes et al., NeuroImage 260 (2022) 119474, and its published script mri_synthstrip.
 */
export const skullStripSchema = z.strictObject({
  axes: z
    .string()
    .regex(/^(?=.*[LR])(?=.*[AP])(?=.*[SI])[LRAPSI]{3}$/)
    .default('LIA')
    .describe('directions of the three last axes of input and output'),
  spacingMm: z.number().positive().max(10).default(1),
  multipleOf: z.int().min(1).max(512).default(64).describe('voxels along each axis are a multiple of this'),
  minimumSize: z.int().min(1).max(1024).default(192),
  maximumSize: z.int().min(1).max(1024).default(320),
  highPercentile: z
    .number()
    .min(50)
    .max(100)
    .default(99)
    .describe('percentile that becomes 1; the minimum becomes 0'),
  output: z
    .enum(['distance', 'probability'])
    .default('distance')
    .describe('millimetres from the brain’s surface, negative inside; or 0 to 1'),
  threshold: z
    .number()
    .optional()
    .describe('brain is nearer than this (1 mm), or at least as probable (0.5)'),
});

/** See {@link skullStripSchema}. */
type SkullStripDescription = Readonly<z.infer<typeof skullStripSchema>>;

/** A network's run: values [1,1,…size], the last axis fastest, to as many values in the same order. */
export type BrainNetwork = (values: Float32Array, size: Triple) => Promise<Float32Array>;

/** A value that is never brain, for voxels that the network did not see. */
const farAway = { distance: 100, probability: 0 } as const;

/**
 * Finds the brain in a volume that still has its skull.
 *
 * @returns 1 in the brain, on the volume's own grid: one part without holes
 * @throws UtadError bad-value when no brain is found.
 */
export async function findBrain(
  volume: Volume,
  network: BrainNetwork,
  description: SkullStripDescription,
  where: string,
): Promise<Volume> {
  const seen = conform(volume, description);
  const said = await network(lastAxisFastest(seen.data, seen.size), seen.size);
  const { output, threshold } = description;
  const field: Volume = { ...seen, data: firstAxisFastest(said, seen.size) };
  const { data } = regrid(field, volume, 'linear', farAway[output]);
  const limit = threshold ?? (output === 'distance' ? 1 : 0.5);
  const inside = Uint8Array.from(data, (value) =>
    Number(output === 'distance' ? value < limit : value >= limit),
  );
  if (!inside.includes(1)) {
    refuse('bad-value', {
      where,
      problem: 'the skull-stripping network finds no brain',
      todo: 'Check the volume and the JSON file beside the network, or give a brain mask.',
    });
  }
  const { size, affineVoxelToWorld } = volume;
  const brain = Float32Array.from(largestWithoutHoles(inside, size));
  return { data: brain, size, affineVoxelToWorld, origin: noOrigin };
}

/** The volume as the network wants it: straight, its spacing, a box of its size around the head, 0 to 1. */
function conform(volume: Volume, description: SkullStripDescription): Volume {
  const { axes, spacingMm, multipleOf, minimumSize, maximumSize, highPercentile } = description;
  const whole = regrid(volume, straightGrid(volume, axes, spacingMm), 'nearest', 0);
  const box = boxAround(whole);
  const side = (n: number): number =>
    Math.min(maximumSize, Math.max(minimumSize, Math.ceil(n / multipleOf) * multipleOf));
  const size = [side(box.size[0]), side(box.size[1]), side(box.size[2])] as const;
  const first = box.first.map((start, axis) => start - Math.floor((size[axis]! - box.size[axis]!) / 2));
  const cut = regrid(whole, boxOf(whole, [first[0]!, first[1]!, first[2]!], size), 'nearest', 0);
  const lowest = cut.data.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const sorted = cut.data.slice().sort();
  const high = sorted[Math.round((highPercentile / 100) * (sorted.length - 1))]! - lowest;
  const scale = high > 0 ? 1 / high : 0;
  return { ...cut, data: cut.data.map((value) => Math.min(1, Math.max(0, (value - lowest) * scale))) };
}

function boxAround({ data, size }: Volume): { readonly first: Triple; readonly size: Triple } {
  const [ni, nj, nk] = size;
  let [i0, j0, k0, i1, j1, k1] = [ni, nj, nk, -1, -1, -1];
  let at = 0;
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) {
        if (data[at++] === 0) continue;
        if (i < i0) i0 = i;
        if (i > i1) i1 = i;
        if (j < j0) j0 = j;
        if (j > j1) j1 = j;
        if (k < k0) k0 = k;
        k1 = k;
      }
  if (i1 < 0) return { first: [0, 0, 0], size };
  return { first: [i0, j0, k0], size: [i1 - i0 + 1, j1 - j0 + 1, k1 - k0 + 1] };
}

function lastAxisFastest(data: Float32Array, [ni, nj, nk]: Triple): Float32Array {
  const out = new Float32Array(data.length);
  let at = 0;
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++) out[(i * nj + j) * nk + k] = data[at++]!;
  return out;
}

function firstAxisFastest(data: Float32Array, [ni, nj, nk]: Triple): Float32Array {
  return lastAxisFastest(data, [nk, nj, ni]);
}
