import { lstat, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { refuse } from '../../base/errors.js';
import { failToWrite, readFileBytes, writeFileAtomic } from '../../base/files.node.js';
import { wholeFileEnding } from '../../imaging/formats/formats.js';
import { readVolume, writeVolumeFile } from '../../imaging/formats/volume-file.node.js';
import type { ReadLimits } from '../../imaging/read-limits.js';
import type { VolumeSource } from '../../imaging/volume-source.js';
import { fingerprintOf } from '../../jobs/fingerprint.js';
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
 * @throws UtadError io when it cannot be written; bad-argument when another file is there.
 */
export async function putScanBeside({ from, out, how }: LinkedScan, limits: ReadLimits): Promise<void> {
  if (resolve(from.path) === resolve(out)) return;
  const there = await lstat(out).catch(() => undefined);
  if (plainEnding(from) === undefined) {
    if (there === undefined)
      await writeVolumeFile(out, await readVolume(from, { limits }), { description: 'scan' });
    return;
  }
  if (there?.isSymbolicLink()) await rm(out);
  else if (there !== undefined) {
    if ((await fingerprintOf(out)) === (await fingerprintOf(from.path))) return;
    refuse('bad-argument', {
      where: out,
      problem: `exists and is not a copy of ${from.path}`,
      todo: 'Choose another folder.',
    });
  }
  if (how === 'copy') return writeFileAtomic(out, await readFileBytes(from.path));
  try {
    await mkdir(dirname(out), { recursive: true });
    await symlink(resolve(from.path), out);
  } catch (cause) {
    failToWrite(out, cause);
  }
}
