import { basename } from 'node:path';
import { z } from 'zod';
import { readFileBytes } from '../base/files.node.js';
import { findJson } from '../base/json.node.js';
import { fileFormats, withoutEnding } from '../imaging/formats/formats.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import type { CaseDoubt, CaseNote, DataSet } from './data-set.js';
import { fingerprintOf } from './fingerprint.node.js';

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

/** What the sidecar says of the volume that it was written with. */
const outputSchema = z.object({ utad: z.object({ output: z.object({ fingerprint: z.string() }) }) });

/** Whether a volume is another one than its sidecar was written with; false where that does not say. */
async function hasOtherContent(volumePath: string): Promise<boolean> {
  const found = await findJson(sidecarOf(volumePath), outputSchema);
  if (found === undefined) return false;
  return (await fingerprintOf(volumePath).catch(() => undefined)) !== found.utad.output.fingerprint;
}

/**
 * The data set without the volumes that are marked as synthetic, and a note that says how many these are. What a
 * sidecar marks though it was written with another volume is neither a scan nor missing: it is unsure.
 */
export async function withoutSynthetic(dataSet: DataSet): Promise<DataSet> {
  let leftOut = 0;
  const notes: CaseNote[] = [];
  const doubts: CaseDoubt[] = [];
  const scansOf = async (one: CaseFiles): Promise<CaseFiles> => {
    const kept: Record<string, VolumeSource> = {};
    for (const [name, source] of Object.entries(one.modalities)) {
      if (!(await isMarkedSynthetic(source.path))) {
        kept[name] = source;
        continue;
      }
      leftOut++;
      if (!(await hasOtherContent(source.path))) continue;
      const text = `${basename(source.path)} (the .json beside says that it is synthetic, but was written with another volume)`;
      doubts.push({ caseId: one.id, modality: name, text });
      notes.push({ severity: 'warning', caseId: one.id, text: `${name} left out: ${text}` });
    }
    return { ...one, modalities: kept };
  };
  const cases: CaseFiles[] = [];
  for (const one of dataSet.cases) cases.push(await scansOf(one));
  if (leftOut === 0) return dataSet;
  const text = `${leftOut} synthetic volume${leftOut === 1 ? '' : 's'} left out, as the .json beside says`;
  return {
    ...dataSet,
    cases,
    notes: [...dataSet.notes, ...notes, { severity: 'warning', text }],
    doubts: [...(dataSet.doubts ?? []), ...doubts],
  };
}
