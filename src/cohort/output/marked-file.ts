import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { writeFileAtomic } from '../../base/files.node.js';

/**
 * Writes a file whose sidecar says what it is and what it holds.
 *
 * The sidecar takes its place just before the file does, and what an earlier call wrote goes before either: whenever
 * the process ends, a file with a sidecar of ours is the one that the sidecar speaks of, and a sidecar without its file
 * only means that the work was cut short.
 *
 * @param writeSidecar is given the fingerprint of the content
 * @throws UtadError io when one of them cannot be written; exists when it would replace an input.
 */
export async function writeMarked(
  out: string,
  bytes: Uint8Array,
  writeSidecar: (fingerprint: string) => Promise<void>,
): Promise<void> {
  const fingerprint = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await writeFileAtomic(out, bytes, async () => {
    await rm(out, { force: true });
    await writeSidecar(fingerprint);
  });
}
