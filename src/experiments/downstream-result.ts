import { z } from 'zod';
import { readFileBytes } from '../base/files.node.js';
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
  try {
    return resultSchema.parse(JSON.parse(new TextDecoder().decode(await readFileBytes(path))));
  } catch {
    return null;
  }
}
