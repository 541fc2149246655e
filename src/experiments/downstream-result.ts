import { z } from 'zod';
import { findJson } from '../base/json.node.js';
import type { JudgedPatient } from '../segmentation/judge-patient.node.js';

const figure = z.number();
const resultSchema = z.array(
  z.object({
    patient: z.string(),
    given: z.array(z.string()),
    regions: z.record(
      z.string(),
      z.object({ dice: figure, hausdorff95Mm: figure, foundMl: figure, trueMl: figure }),
    ),
  }),
);

/** What a finished network reached; null where there is no whole file of it. */
export async function readResult(path: string): Promise<JudgedPatient[] | null> {
  return (await findJson(path, resultSchema)) ?? null;
}
