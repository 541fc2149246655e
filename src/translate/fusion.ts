import { z } from 'zod';
import { fail, refuse } from '../base/errors.js';

/** Equal parts of [0, 1] that the mean of the translations may fall into. */
export const fusionBins = 8;

const tableSchema = z.strictObject({
  target: z.string(),
  sources: z.array(z.string()).min(2).describe('in the model’s order'),
  patients: z.int().min(1).describe('how many the weights were learnt from'),
  weights: z
    .array(z.array(z.number()))
    .length(fusionBins)
    .describe('by bin of the mean of the translations, one weight a source; each bin’s sum to 1'),
});

/** How translations from several sources become one: the form of `fusion.json`. */
const fusionSchema = z.strictObject({
  format: z.literal(1),
  modelSha256: z.string().describe('of the model file whose translations these weights are for'),
  modalities: z.array(z.string()),
  patients: z.array(z.string()).describe('whose errors the weights were learnt from'),
  tables: z.array(tableSchema),
  codeVersion: z.string(),
  checksum: z.string().optional().describe('of all other fields; version 0.1.0 wrote none'),
});

/** See {@link fusionSchema}. */
export type Fusion = z.infer<typeof fusionSchema>;
/** Weights of the translations of one target from one set of sources. */
export type FusionTable = z.infer<typeof tableSchema>;

/** Several translations fused into one, and how far they lie apart. */
interface FusedImage {
  /** On [0, 1]; 0 where no source has brain. */
  readonly fused: Float32Array;
  /** Standard deviation of the translations that cover a voxel, divided by their number; 0 where only one does. */
  readonly spread: Float32Array;
}

/**
 * Makes one image of several translations of the same modality: at each voxel their weighted sum,
 * `y = Σ w_s(b) y_s`, where b is the bin that the plain mean of the y_s falls into.
 *
 * Where not every source has brain, it is the plain mean of those that have.
 *
 * @param translations one a source, on [0, 1], of one length
 * @param covered one a source, 1 where the source has brain
 * @param weights [bins][sources], of a {@link FusionTable}; null for the plain mean
 * @throws UtadError bad-shape when lengths or numbers differ.
 */
export function fuseTranslations(
  translations: readonly Float32Array[],
  covered: readonly Uint8Array[],
  weights: readonly (readonly number[])[] | null,
): FusedImage {
  const count = translations.length;
  const size = translations[0]?.length ?? 0;
  const fits =
    count >= 2 &&
    covered.length === count &&
    [...translations, ...covered].every(({ length }) => length === size) &&
    (weights ?? []).every(({ length }) => length === count);
  if (!fits) {
    fail('bad-shape', {
      where: 'fusion',
      expected: 'two translations or more of one size, each with its brain and its weights',
      got: `${count} translations, ${covered.length} brains, ${weights?.[0]?.length ?? 'no'} weights`,
    });
  }
  const fused = new Float32Array(size);
  const spread = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    let [inside, sum, squares] = [0, 0, 0];
    for (let s = 0; s < count; s++) {
      if (covered[s]![i] === 0) continue;
      const value = translations[s]![i]!;
      inside++;
      sum += value;
      squares += value * value;
    }
    if (inside === 0) continue;
    const mean = sum / inside;
    if (inside > 1) spread[i] = Math.sqrt(Math.max(0, squares / inside - mean * mean));
    if (weights === null || inside < count) fused[i] = mean;
    else {
      const own = weights[binOf(mean)]!;
      let value = 0;
      for (let s = 0; s < count; s++) value += own[s]! * translations[s]![i]!;
      fused[i] = Math.min(1, Math.max(0, value));
    }
  }
  return { fused, spread };
}

/** The bin of a mean of translations on [0, 1]. */
export function binOf(mean: number): number {
  return Math.min(fusionBins - 1, Math.max(0, Math.floor(mean * fusionBins)));
}

/** The table for a target and exactly these sources, in the model's order; undefined where none was learnt. */
export function fusionTable(
  { tables }: Fusion,
  target: string,
  sources: readonly string[],
): FusionTable | undefined {
  return tables.find((one) => one.target === target && one.sources.join() === sources.join());
}

/**
 * Reads fusion weights for a model.
 *
 * @param text a `fusion.json`
 * @param where its name, for messages
 * @throws UtadError bad-file when it is none, or was learnt for another model file.
 */
export function readFusion(text: string, where: string, modelSha256: string): Fusion {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return fail('bad-file', { where, expected: 'JSON', got: 'text that is not JSON' }, { cause });
  }
  const result = fusionSchema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    return fail('bad-file', {
      where: [where, path.join('.')].filter((part) => part !== '').join(': '),
      expected: 'weights that utad evaluate --fuse wrote',
      got: message,
    });
  }
  if (result.data.modelSha256 !== modelSha256) {
    refuse('bad-file', {
      where,
      problem: 'these weights were learnt for another model file',
      todo: 'Learn them with utad evaluate --fuse and this model.',
    });
  }
  return result.data;
}
