import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { UtadError } from '../../base/errors.js';
import { readJson } from '../../base/json.node.js';
import { bidsLabels } from '../../datasets/bids-name.js';
import { listFolder } from '../../datasets/list-folder.node.js';
import type { PatientSummary } from '../cohort-summary.js';
import { type ParticipantRecord, readRecord, recordName } from './participant-record.js';

/** A volume that was written, or should have been. */
export type GroupVolume = PatientSummary['volumes'][number] & {
  /** File name of its model; null where it was not written. */
  readonly model: string | null;
  readonly modelSha256: string | null;
  /** Of when it was translated. */
  readonly warnings: readonly string[];
};

/** What there is of one participant (and session) in the output folder. */
export interface GroupParticipant extends PatientSummary {
  readonly subject: string;
  readonly session: string | undefined;
  readonly volumes: readonly GroupVolume[];
}

/** The part of a sidecar that the group's table has. */
const sidecarSchema = z.object({
  utad: z.object({
    format: z.literal(1),
    synthetic: z.literal(true),
    modality: z.string(),
    source: z.object({ modality: z.string(), chosenBy: z.string() }),
    model: z.object({ file: z.string(), sha256: z.string() }),
    output: z.object({ file: z.string() }),
    warnings: z.array(z.string()),
  }),
});

/**
 * Gathers a participant's volumes from their sidecars, and what went wrong from the record of its last run.
 *
 * @throws UtadError io when a folder cannot be read.
 */
export async function gatherParticipant(out: string, id: string): Promise<GroupParticipant> {
  const name = recordName(id);
  const written = await writtenVolumes(out, id);
  const about = { id: name, ...bidsLabels(id) };
  let record: ParticipantRecord | undefined;
  try {
    record = await readRecord(out, name);
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    const messages = [error.message];
    return {
      ...about,
      status: 'failed',
      volumes: written,
      messages,
      warnings: warningsOf([], written),
      seconds: null,
    };
  }
  if (record === undefined) {
    const messages = ['the level participant has not finished for it: run it again'];
    return {
      ...about,
      status: 'stopped',
      volumes: written,
      messages,
      warnings: warningsOf([], written),
      seconds: null,
    };
  }
  const { participant } = record;
  const files = new Set(written.map(({ file }) => file));
  const others = participant.volumes.filter(({ file }) => !files.has(file));
  const lost = others.filter(({ status }) => status === 'translated' || status === 'kept');
  const messages = [
    ...participant.messages,
    ...lost.map(({ file }) => `${file}: the volume is missing. Run the level participant again.`),
  ];
  const volumes = [
    ...written,
    ...others.map((one): GroupVolume => {
      const status = one.status === 'stopped' ? 'stopped' : 'failed';
      return { ...one, status, model: null, modelSha256: null, warnings: [] };
    }),
  ];
  const usual = participant.status === 'complete' && written.length > 0 ? 'translated' : participant.status;
  return {
    ...about,
    status: messages.length > 0 ? 'failed' : usual === 'kept' ? 'translated' : usual,
    volumes,
    messages,
    warnings: warningsOf(participant.warnings, written),
    seconds: participant.seconds,
  };
}

/** Those of the record, and those of sidecars of earlier runs. */
function warningsOf(recorded: readonly string[], written: readonly GroupVolume[]): readonly string[] {
  const all = [...recorded];
  for (const { modality, warnings } of written)
    for (const text of warnings) if (!all.some((one) => one.endsWith(text))) all.push(`${modality}: ${text}`);
  return all;
}

async function writtenVolumes(out: string, id: string): Promise<readonly GroupVolume[]> {
  const { subject, session } = bidsLabels(id);
  const folder = join(out, `sub-${subject}`, session === undefined ? '' : `ses-${session}`, 'anat');
  if (!existsSync(folder)) return [];
  const found: GroupVolume[] = [];
  for (const file of (await listFolder(folder)).files) {
    if (!/_desc-synthetic_[^_]+\.json$/.test(file)) continue;
    const sidecar = sidecarSchema.safeParse(await readJson(join(folder, file)).catch(() => undefined));
    if (!sidecar.success) continue;
    const { modality, source, model, output, warnings } = sidecar.data.utad;
    const path = join(folder, output.file);
    // A sidecar is written first: without its volume it only means that the work was cut short.
    if (!existsSync(path)) continue;
    found.push({
      modality,
      from: source.modality,
      chosenBy: source.chosenBy,
      status: 'translated',
      file: relative(out, path).replaceAll('\\', '/'),
      model: model.file,
      modelSha256: model.sha256,
      warnings,
    });
  }
  return found;
}
