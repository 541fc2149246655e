import { lstat, rm, stat, symlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import { failToWrite, makeFolder, readFileBytes, writeFileAtomic } from '../../base/files.node.js';
import { isAmongInputs, isSameFile, requireReplaceable } from '../../base/protected-inputs.node.js';
import { fingerprintOf } from '../../datasets/fingerprint.node.js';
import { wholeFileEnding } from '../../imaging/formats/formats.js';
import { readVolume, writeVolumeFile } from '../../imaging/formats/volume-file.node.js';
import type { ReadLimits } from '../../imaging/read-limits.js';
import type { VolumeSource } from '../../imaging/volume-source.js';
import type { LinkedScan } from '../translation-job.js';

/** The ending that a scan keeps when its file is linked or copied as it is; undefined when it must be converted. */
export function plainEnding({ path, series, volumeIndex }: VolumeSource): string | undefined {
  if (series !== undefined || volumeIndex !== undefined) return undefined;
  return wholeFileEnding(path);
}

/**
 * Puts a scan beside synthetic volumes: a link or a copy of its file; a NIfTI file of its own for one volume of
 * several, a pair or a DICOM series.
 *
 * @throws UtadError io when it cannot be written; exists when another file is there.
 */
export async function putScanBeside({ from, out, how }: LinkedScan, limits: ReadLimits): Promise<void> {
  const there = await lstat(out).catch(() => undefined);
  if (plainEnding(from) === undefined) {
    if (there === undefined)
      await writeVolumeFile(out, await readVolume(from, { limits }), { description: 'scan' });
    return;
  }
  const isLink = there?.isSymbolicLink() === true;
  if (there !== undefined) {
    if (await isSameFile(from.path, out)) {
      if (!isLink || how === 'link' || (await isAmongInputs(out))) return;
    } else if (!isLink || (await isThere(out))) {
      if (!isLink && (await fingerprintOf(out)) === (await fingerprintOf(from.path))) return;
      refuse('exists', {
        where: out,
        problem: `exists and is not a copy of ${from.path}`,
        todo: 'Choose another folder.',
      });
    } else await requireReplaceable(out);
    await rm(out);
  }
  if (how === 'copy') return writeFileAtomic(out, await readFileBytes(from.path));
  await makeFolder(dirname(out));
  try {
    await symlink(resolve(from.path), out);
  } catch (cause) {
    failToWrite(out, cause);
  }
}

/** Whether a path leads to something. */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
