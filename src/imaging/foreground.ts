import { z } from 'zod';
import { withoutHoles } from './components.js';
import type { Volume } from './volume.js';

/**
 * Which voxels are the patient and which are background.
 * - `nonzero`: every voxel that is not exactly 0, as in skull-stripped volumes;
 * - `above`: every voxel brighter than `value`, as for a body in CT (−500 HU) or a head in its air.
 */
export const foregroundRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nonzero') }),
  z.strictObject({
    kind: z.literal('above'),
    value: z.number().describe('in the units of the files'),
    background: z
      .number()
      .optional()
      .describe('what a translated volume holds outside; `value` when left out'),
  }),
]);

/** See {@link foregroundRuleSchema}. */
export type ForegroundRule = Readonly<z.infer<typeof foregroundRuleSchema>>;

/**
 * 1 where a rule sees the patient. What the patient encloses is patient: liquor may be exactly 0 in a FLAIR. Air in a
 * body, by a rule `above`, stays outside.
 */
export function foregroundIn(
  { data, size }: Pick<Volume, 'data' | 'size'>,
  rule: ForegroundRule,
): Uint8Array {
  const inside = foregroundOf(data, rule);
  return rule.kind === 'nonzero' ? withoutHoles(inside, size) : inside;
}

/** 1 where a voxel by itself passes a rule. */
export function foregroundOf(data: Float32Array, rule: ForegroundRule): Uint8Array {
  const inside = new Uint8Array(data.length);
  if (rule.kind === 'nonzero') for (let i = 0; i < data.length; i++) inside[i] = data[i] === 0 ? 0 : 1;
  else for (let i = 0; i < data.length; i++) inside[i] = data[i]! > rule.value ? 1 : 0;
  return inside;
}

/** What a volume holds where a rule sees background. */
export function backgroundOf(rule: ForegroundRule): number {
  return rule.kind === 'nonzero' ? 0 : (rule.background ?? rule.value);
}
