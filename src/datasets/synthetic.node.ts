import { z } from 'zod';
import { readFileBytes } from '../base/files.node.js';
import { fileFormats, withoutEnding } from '../imaging/formats/formats.js';
import type { CaseFiles } from './case.js';
import type { DataSet } from './data-set.js';

/** The mark of a sidecar that `utad translate` writes beside what a network made. */
export const markSchema = z.object({ utad: z.object({ synthetic: z.literal(true) }) });

/** Larger files beside a volume are no sidecars. */
const maximumBytes = 2 ** 20;

/** Where the sidecar of a volume lies: its name with `.json` for its ending. */
export function sidecarOf(volumePath: string): string {
  return `${withoutEnding(volumePath, fileFormats)}.json`;
}

/** Whether the sidecar beside a volume says that a network made it, whatever its name says. */
export async function isMarkedSynthetic(volumePath: string): Promise<boolean> {
  try {
    const bytes = await readFileBytes(sidecarOf(volumePath), maximumBytes);
    return markSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).success;
  } catch {
    return false;
  }
}

/** The data set without the volumes that are marked as synthetic, and a note that says how many these are. */
export async function withoutSynthetic(dataSet: DataSet): Promise<DataSet> {
  let leftOut = 0;
  const scansOf = async ({ modalities }: CaseFiles): Promise<CaseFiles['modalities']> => {
    const entries = Object.entries(modalities);
    const marked = await Promise.all(entries.map(([, { path }]) => isMarkedSynthetic(path)));
    leftOut += marked.filter(Boolean).length;
    return Object.fromEntries(entries.filter((_, index) => !marked[index]));
  };
  const cases: CaseFiles[] = [];
  for (const one of dataSet.cases) cases.push({ ...one, modalities: await scansOf(one) });
  if (leftOut === 0) return dataSet;
  const text = `${leftOut} synthetic volume${leftOut === 1 ? '' : 's'} left out, as the .json beside says`;
  return { ...dataSet, cases, notes: [...dataSet.notes, { severity: 'warning', text }] };
}
