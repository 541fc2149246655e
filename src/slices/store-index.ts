import { z } from 'zod';
import { fail } from '../base/errors.js';

/** Grows whenever the same inputs would give other bytes. */
export const storeFormatVersion = 4;

const schema = z.strictObject({
  formatVersion: z.literal(storeFormatVersion),
  side: z
    .int()
    .min(1)
    .max(2 ** 12),
  entries: z.array(
    z.strictObject({
      caseId: z.string(),
      modality: z.int().min(0),
      slice: z.int().min(0),
      hasTumour: z.boolean(),
      unmasked: z.boolean().optional(),
      /** True where it is there only as a context slice of others. */
      beside: z.literal(true).optional(),
    }),
  ),
  /** How many slices below and above each training slice have a record; none when left out. */
  contextSlices: z.int().min(1).optional(),
  ranges: z.array(
    z.strictObject({
      caseId: z.string(),
      modality: z.int().min(0),
      low: z.number(),
      high: z.number(),
      /** Of the brain; stores of version 0.1.0 have none. */
      volumeMl: z.number().optional(),
      longestMm: z.number().optional(),
    }),
  ),
  /** Of the records, in hex; stores of version 0.1.0 have none. */
  recordsSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Of all other fields. */
  checksum: z.string().optional(),
});

/** What a slice store says of its records: their side in pixels, what each of them is, the ranges of the volumes. */
export type StoreIndex = z.infer<typeof schema>;

/**
 * Reads the index of a slice store.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is none, or of another format.
 */
export function readStoreIndex(text: string, where: string): StoreIndex {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  return fail('bad-file', {
    where,
    expected: `the index of a slice store of format ${storeFormatVersion}`,
    got: 'something else',
    todo: 'Delete it; it is made anew.',
  });
}
