import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { requireArguments } from '../../base/arguments.js';
import { readFileBytes, writeFileAtomic } from '../../base/files.node.js';
import { protectScans } from '../../base/protected-inputs.node.js';
import { defaultReadLimits, type ReadLimits } from '../read-limits.js';
import type { Volume } from '../volume.js';
import type { FileDescription } from '../volume-format.js';
import type { VolumeSource } from '../volume-source.js';
import { formatOfSource, seriesReader } from './format-at.node.js';
import { defaultFormat, formatOfName } from './formats.js';
import { findPair } from './pair.node.js';

/** How a file is read. */
export interface VolumeReadOptions {
  /** Which volume of a series, from 0; a file with one volume needs none. */
  readonly volumeIndex?: number;
  /** `defaultReadLimits` unless given. */
  readonly limits?: ReadLimits;
}

/**
 * Reads a volume from a file of any known format, recognised by its first bytes: .nii, .nii.gz, or a .hdr/.img pair of
 * which either is named.
 *
 * @throws UtadError naming the path: not found, unreadable, of no known format, cut off, too large, a series of
 * volumes of which none was chosen, a pair of which one file is missing.
 */
export async function readVolumeFile(path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  requireArguments('readVolumeFile', { path: [path, 'text'], options: [options, 'object'] });
  const { volumeIndex, limits } = options;
  const source = { path, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  return readVolume(source, limits === undefined ? {} : { limits });
}

/**
 * Reads the volume that a source names.
 *
 * @throws UtadError naming the source: not found, unreadable, of no known format, cut off.
 */
export async function readVolume(
  source: VolumeSource,
  options: Pick<VolumeReadOptions, 'limits'> = {},
): Promise<Volume> {
  requireArguments('readVolume', { source: [source, 'object'], options: [options, 'object'] });
  requireArguments('readVolume', {
    'source.path': [source.path, 'text'],
    'source.series': [source.series, 'text?'],
    'options.limits': [options.limits, 'object?'],
  });
  const { limits: given } = options;
  const { path, volumeIndex, series } = source;
  await protectScans([path]);
  const format = await formatOfSource(source);
  if (format.kind === 'series') return (await seriesReader(format.name)).read(path, series, given);
  const limits = given ?? defaultReadLimits;
  const reading = { limits, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  const bytesOf = (file: string): Promise<Uint8Array> => readFileBytes(file, limits.maximumBytes);
  const pair = await findPair(path);
  const { read } = await format.load();
  if (pair) await protectScans([pair.header, pair.voxels]);
  if (pair === undefined) return read(await bytesOf(path), path, reading);
  const voxelFile = { bytes: await bytesOf(pair.voxels), where: pair.voxels };
  return read(await bytesOf(pair.header), pair.header, { ...reading, voxelFile });
}

/**
 * Writes a volume as a file of the format that its name stands for, NIfTI for other names; packed when the name ends
 * in `.gz`, whole or not at all.
 *
 * @throws UtadError io when the folder cannot be written, bad-value when a value does not fit the voxel type.
 */
export async function writeVolumeFile(
  path: string,
  volume: Volume,
  options: FileDescription = {},
): Promise<void> {
  requireArguments('writeVolumeFile', { path: [path, 'text'], options: [options, 'object'] });
  await writeFileAtomic(path, await volumeFileBytes(path, volume, options));
}

/**
 * What {@link writeVolumeFile} writes. Packing runs beside other work, in the system's own zlib, in a fifth of the time
 * that `writeNifti` takes for it. The same volume gives the same bytes, as long as Node and the processor's kind are the
 * same.
 *
 * @throws UtadError bad-value when a value does not fit the voxel type.
 */
export async function volumeFileBytes(
  path: string,
  volume: Volume,
  options: FileDescription = {},
): Promise<Uint8Array> {
  const named = formatOfName(path);
  const { write } = await (named?.kind === 'file' ? named : defaultFormat).load();
  const plain = write(volume, options);
  if (!path.toLowerCase().endsWith('.gz')) return plain;
  const packed = new Uint8Array(await promisify(gzip)(plain, { level: 6 }));
  packed[operatingSystemByte] = unknownSystem;
  return packed;
}

/** In a gzip header, with the code for no system in particular. @source RFC 1952, 2.3.1. */
const [operatingSystemByte, unknownSystem] = [9, 255];
