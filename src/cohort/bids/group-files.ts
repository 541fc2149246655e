import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.node.js';
import { writeJson } from '../../base/json.node.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import { tsvText } from '../../report/tsv.js';
import { countStatuses } from '../cohort-summary.js';
import type { GroupParticipant, GroupVolume } from './gather-participant.js';
import { groupFiles } from './group-file-names.js';

type Cell = string | number | null;

/** Columns of the table: one row a volume, and one for a participant without any. */
const columns: Readonly<Record<string, (one: GroupParticipant, volume: GroupVolume | null) => Cell>> = {
  participant_id: ({ subject }) => `sub-${subject}`,
  session_id: ({ session }) => (session === undefined ? null : `ses-${session}`),
  participant_status: ({ status }) => status,
  modality: (_, volume) => volume?.modality ?? null,
  source: (_, volume) => volume?.from ?? null,
  chosen_by: (_, volume) => volume?.chosenBy ?? null,
  volume_status: (_, volume) => volume?.status ?? null,
  file: (_, volume) => (volume === null || volume.status !== 'translated' ? null : volume.file),
  model: (_, volume) => volume?.model ?? null,
  warnings: ({ warnings }) => warnings.join('; '),
  errors: ({ messages }) => messages.join('; '),
};

/**
 * Writes the table of all volumes and a JSON with the same and the counts.
 *
 * @param dataSet folder of the data set
 * @throws UtadError io when they cannot be written.
 */
export async function writeGroupFiles(
  out: string,
  dataSet: string,
  participants: readonly GroupParticipant[],
): Promise<void> {
  const rows = participants.flatMap((one) => {
    const volumes = one.volumes.length === 0 ? [null] : one.volumes;
    return volumes.map((volume) => Object.values(columns).map((cell) => cell(one, volume)));
  });
  await writeFileAtomic(join(out, groupFiles.table), tsvText(Object.keys(columns), rows));
  const summary = {
    format: 1,
    dataSet,
    codeVersion: packageVersion(),
    created: new Date().toISOString(),
    counts: countStatuses(participants),
    models: modelsOf(participants),
    participants: participants.map(({ session, ...one }) => ({ ...one, session: session ?? null })),
  };
  await writeJson(join(out, groupFiles.summary), summary);
}

/** The models, with the number of their volumes. */
function modelsOf(participants: readonly GroupParticipant[]): readonly object[] {
  const counts = new Map<string, { readonly file: string; readonly sha256: string; volumes: number }>();
  for (const { model, modelSha256 } of participants.flatMap(({ volumes }) => volumes)) {
    if (model === null || modelSha256 === null) continue;
    const one = counts.get(modelSha256) ?? { file: model, sha256: modelSha256, volumes: 0 };
    one.volumes++;
    counts.set(modelSha256, one);
  }
  return [...counts.values()];
}
