import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failToRead } from '../base/files.node.js';
import type { VolumeSource } from '../imaging/volume-source.js';

/**
 * What a file or folder holds, as `sha256:<hex>`; a folder's is over the names and contents of all files in it.
 *
 * @throws UtadError not-found or io, naming the path.
 */
export async function fingerprintOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await orFail(path, async () => {
    if (!(await stat(path)).isDirectory()) return addContent(hash, path);
    for (const name of await filesBelow(path)) {
      hash.update(`${name}\0`);
      await addContent(hash, join(path, name));
    }
  });
  return `sha256:${hash.digest('hex')}`;
}

/** {@link fingerprintOf} of a folder that will hold these files, by name. */
export function fingerprintOfFiles(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) hash.update(`${name}\0`).update(files.get(name)!);
  return `sha256:${hash.digest('hex')}`;
}

/**
 * What a volume's files hold, as {@link fingerprintOf}: both files of a pair; all files of the folder or ZIP that a
 * series is in, with which series it is.
 *
 * @throws UtadError not-found or io, naming the path.
 */
export async function fingerprintOfSource({ path, series, volumeIndex }: VolumeSource): Promise<string> {
  const prints: string[] = [];
  for (const one of await filesOfVolume(path)) prints.push(await fingerprintOf(one));
  return `${prints.join('+')}${volumeIndex === undefined ? '' : `[${volumeIndex}]`}${series === undefined ? '' : `[${series}]`}`;
}

/** {@link fingerprintOfSource} that reads each source once. */
export function fingerprintsOnce(): (source: VolumeSource) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (source) => {
    const { path, series, volumeIndex } = source;
    const key = JSON.stringify([path, series, volumeIndex]);
    const print = known.get(key) ?? fingerprintOfSource(source);
    known.set(key, print);
    return print;
  };
}

/** The file itself, or both files where voxels and header are apart (.hdr and .img). */
async function filesOfVolume(path: string): Promise<readonly string[]> {
  const pair = /^(.*)\.(?:hdr|img)(\.gz)?$/i.exec(path);
  if (!pair) return [path];
  const both = [`${pair[1]}.hdr${pair[2] ?? ''}`, `${pair[1]}.img${pair[2] ?? ''}`];
  const there = await Promise.all(both.map((one) => stat(one).then(Boolean, () => false)));
  return there.includes(false) ? [path] : both;
}

async function addContent(hash: Hash, path: string): Promise<void> {
  await pipeline(createReadStream(path), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) hash.update(part);
  });
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function orFail<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    return failToRead(path, cause);
  }
}
