import { stat } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { concatenate } from '../base/bytes.js';
import { requireChecksum, sha256Of, withChecksum } from '../base/checksum.node.js';
import { UtadError } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { fingerprintOf } from '../datasets/fingerprint.node.js';
import type { Job, JobOutcome } from './job.js';

const headSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  status: z.enum(['done', 'failed']),
  seconds: z.number(),
  failure: z
    .object({ message: z.string(), fatal: z.boolean(), transient: z.literal(true).optional() })
    .optional(),
  /** What the job wrote: bytes of files, null for folders. */
  outputs: z.array(z.object({ path: z.string(), bytes: z.number().nullable(), fingerprint: z.string() })),
  round: z.int(),
  machine: z.string(),
  ended: z.string(),
  /** Of what follows the first line; null where nothing does. */
  result: z.object({ bytes: z.int(), sha256: z.string() }).nullable(),
});

/** The first line of an outcome's file. */
export type OutcomeHead = Readonly<z.infer<typeof headSchema>>;

/** An outcome as it was stored. */
export interface StoredOutcome {
  readonly head: OutcomeHead;
  readonly outcome: JobOutcome;
}

/**
 * Stores how a job ended: a line of JSON for people, then the result as Node serialises it (typed arrays, NaN).
 * Outputs are noted with size and hash, so that whoever relies on them can see that they are whole.
 *
 * @throws UtadError io when it cannot be written.
 */
export async function writeOutcome(
  path: string,
  job: Job,
  outcome: Exclude<JobOutcome, { readonly status: 'stopped' }>,
  where: Pick<OutcomeHead, 'round' | 'machine'>,
): Promise<void> {
  const payload = outcome.result === undefined ? undefined : serialize(outcome.result);
  const { failure } = outcome.status === 'failed' ? outcome : {};
  const head = withChecksum({
    format: 1,
    id: outcome.id,
    status: outcome.status,
    seconds: outcome.seconds,
    ...(failure === undefined ? {} : { failure }),
    outputs: await outputsOf(job),
    ...where,
    ended: new Date().toISOString(),
    result: payload === undefined ? null : { bytes: payload.length, sha256: sha256Of(payload) },
  });
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  await writeFileAtomic(path, payload === undefined ? line : concatenate([line, payload]));
}

/** Reads how a job ended; nothing where that is not there, or not whole. */
export async function readOutcome(path: string): Promise<StoredOutcome | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFileBytes(path);
  } catch (error) {
    if (error instanceof UtadError) return undefined;
    throw error;
  }
  try {
    const end = bytes.indexOf(10);
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    requireChecksum(json, path);
    const head = headSchema.parse(json);
    const payload = bytes.subarray(end + 1);
    if (payload.length !== (head.result?.bytes ?? 0)) return undefined;
    if (head.result !== null && sha256Of(payload) !== head.result.sha256) return undefined;
    const { id, seconds, failure } = head;
    const result: unknown = head.result === null ? undefined : deserialize(payload);
    if (failure === undefined) return { head, outcome: { id, status: 'done', seconds, result } };
    const { transient, ...rest } = failure;
    const why = { ...rest, ...(transient ? { transient } : {}) };
    const part = result === undefined ? {} : { result };
    return { head, outcome: { id, status: 'failed', seconds, failure: why, ...part } };
  } catch {
    return undefined;
  }
}

/** Whether a job's outputs are there at their size: a look, which does not read them. */
export async function outputsAreThere({ outputs }: OutcomeHead): Promise<boolean> {
  for (const { path, bytes } of outputs) {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || (bytes !== null && facts.size !== bytes)) return false;
  }
  return true;
}

/** The outputs of a job that are not as they were written. */
export async function changedOutputs({ outputs }: OutcomeHead): Promise<string[]> {
  const changed: string[] = [];
  for (const { path, fingerprint } of outputs)
    if ((await fingerprintOf(path).catch(() => undefined)) !== fingerprint) changed.push(path);
  return changed;
}

async function outputsOf({ outputs }: Job): Promise<OutcomeHead['outputs']> {
  const found: OutcomeHead['outputs'] = [];
  for (const path of outputs) {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) continue;
    const bytes = facts.isDirectory() ? null : facts.size;
    found.push({ path, bytes, fingerprint: await fingerprintOf(path) });
  }
  return found;
}
