import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { requireChecksum, withChecksum } from '../../base/checksum.node.js';
import { readJson, requireForm, writeJson } from '../../base/json.node.js';
import { bidsLabels } from '../../datasets/bids-name.js';
import { listFolder } from '../../datasets/list-folder.node.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import type { PatientSummary } from '../cohort-summary.js';
import type { TranslateSettings } from '../translation-job.js';

/** Where the records of participants lie in the output folder. */
const place = 'logs';

/** A status as version 0.1.0 wrote it, by its name of today. */
const named = (status: unknown): unknown => (status === 'made' ? 'translated' : status);

const recordSchema = z.object({
  utad: z.object({ format: z.literal(1) }),
  model: z.object({ path: z.string(), sha256: z.string() }),
  codeVersion: z.string(),
  ended: z.string(),
  participant: z.object({
    id: z.string(),
    status: z.preprocess(named, z.enum(['translated', 'kept', 'complete', 'failed', 'stopped'])),
    volumes: z.array(
      z.object({
        modality: z.string(),
        from: z.string(),
        chosenBy: z.string(),
        status: z.preprocess(named, z.enum(['translated', 'kept', 'failed', 'stopped'])),
        file: z.string(),
      }),
    ),
    messages: z.array(z.string()),
    warnings: z.array(z.string()),
    seconds: z.number().nullable(),
  }),
});

/** How the last run for one participant (and session) ended, in a file of its own. */
export type ParticipantRecord = z.infer<typeof recordSchema>;

/** `sub-01` or `sub-01_ses-a`. */
export function recordName(id: string): string {
  const { subject, session } = bidsLabels(id);
  return session === undefined ? `sub-${subject}` : `sub-${subject}_ses-${session}`;
}

const pathOf = (out: string, name: string): string => join(out, place, `${name}.json`);

/**
 * Records how one participant ended, in place of the record of an earlier run. Where everything was there already,
 * the warnings and the time of that earlier run stay.
 *
 * @throws UtadError io when it cannot be written.
 */
export async function writeRecord(
  out: string,
  model: TranslateSettings['model'],
  summary: PatientSummary,
): Promise<void> {
  const name = recordName(summary.id);
  const earlier = summary.status === 'kept' ? await readRecord(out, name).catch(() => undefined) : undefined;
  const same = earlier?.model.sha256 === model.sha256 ? earlier.participant : summary;
  const record: ParticipantRecord = {
    utad: { format: 1 },
    model,
    codeVersion: packageVersion(),
    ended: new Date().toISOString(),
    participant: {
      ...summary,
      volumes: [...summary.volumes],
      messages: [...summary.messages],
      warnings: [...same.warnings],
      seconds: same.seconds,
    },
  };
  await writeJson(pathOf(out, name), withChecksum(record));
}

/** Names of the participants that there are records of, sorted. @throws UtadError io. */
export async function recordNames(out: string): Promise<readonly string[]> {
  if (!existsSync(join(out, place))) return [];
  const { files } = await listFolder(join(out, place));
  return files.filter((name) => /^sub-.*\.json$/.test(name)).map((name) => name.replace(/\.json$/, ''));
}

/** A record by its name; nothing where there is none. @throws UtadError bad-file when it is another file. */
export async function readRecord(out: string, name: string): Promise<ParticipantRecord | undefined> {
  const path = pathOf(out, name);
  if (!existsSync(path)) return undefined;
  const json = await readJson(path);
  requireChecksum(json, path);
  return requireForm(json, recordSchema, path, {
    expected: 'a record that utad bids wrote',
    todo: 'Delete it and run the level participant again.',
  });
}
