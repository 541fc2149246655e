import { readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { makeFolder, reasonOf } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { createRandom } from '../base/random.js';
import { wholeNumber } from '../base/whole-number.js';
import type { CaseFiles } from '../datasets/case.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { readTarget } from '../datasets/read-target.node.js';
import { findSplitFile } from '../datasets/split-file.node.js';
import { defaultFormat, wholeFileEnding, writtenEnding } from '../imaging/formats/formats.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { spacingOf } from '../imaging/geometry.js';
import type { Volume } from '../imaging/volume.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import { distanceToMask } from '../metrics/distance-transform.js';
import { maskGridOf } from '../segmentation/region-figures.js';
import { createProgress } from '../terminal/progress.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';

interface CorruptMasksOptions extends DataSetFlags {
  readonly out: string;
  readonly grow: string;
  readonly shift: string;
  readonly missing: string;
  readonly seed: string;
  readonly dryRun?: boolean;
}

/** What happened to a case's mask. */
interface Corrupted {
  readonly mask: 'corrupted' | 'left out' | 'none before';
  readonly shiftMm?: readonly [number, number, number];
}

export async function corruptMasks(folder: string, options: CorruptMasksOptions): Promise<void> {
  const [growMm, shiftMm, missing] = (['grow', 'shift', 'missing'] as const).map((name) =>
    finite(`--${name}`, options[name]),
  ) as [number, number, number];
  const seed = wholeNumber('--seed', options.seed, 0, 2 ** 31 - 1);
  if (shiftMm < 0 || missing < 0 || missing >= 1) {
    fail('bad-argument', {
      where: shiftMm < 0 ? '--shift' : '--missing',
      expected: shiftMm < 0 ? 'a length of 0 mm or more' : 'a share from 0 to below 1',
      got: shiftMm < 0 ? options.shift : options.missing,
    });
  }
  if ((await readdir(options.out).catch(() => [])).length > 0)
    refuse('exists', {
      where: options.out,
      problem: 'this folder is not empty',
      todo: 'Choose an empty or a new one.',
    });
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const { cases } = await resolveLabelsShown(found);
  const masked = cases.filter(({ mask }) => mask !== undefined);
  const order = createRandom(seed, 'missing masks').permutation(masked.length);
  const losers = new Set(order.slice(0, Math.round(missing * masked.length)).map((i) => masked[i]!.id));

  for (const { modalities } of cases) for (const source of Object.values(modalities)) endingOf(source);
  if (options.dryRun) {
    for (const { id, mask } of cases)
      console.log(
        `${id}: ${mask === undefined ? 'has no mask' : losers.has(id) ? 'mask left out' : 'mask corrupted'}`,
      );
    console.log(`${cases.length} patients in ${options.out}; nothing was written`);
    return;
  }

  const done: Record<string, Corrupted> = {};
  const progress = createProgress('corrupt', cases.length, { unit: 'patients' });
  for (const [i, one] of cases.entries()) {
    const place = join(options.out, one.id);
    await linkImages(place, one);
    done[one.id] = losers.has(one.id)
      ? { mask: 'left out' }
      : await writeMask(place, one, growMm, shiftMm, seed);
    progress.update(i + 1, one.id);
  }
  progress.end();
  const split = await findSplitFile(folder);
  if (split !== undefined) await writeJson(join(options.out, 'split.json'), split);
  const record = { dataSet: resolve(folder), growMm, shiftMm, missing, seed, cases: done };
  await writeJson(join(options.out, 'corrupted-masks.json'), record);
  console.log(`${cases.length} patients in ${options.out}, ${losers.size} without their mask`);
}

/** Links take no room; the images are the same files. */
async function linkImages(place: string, one: CaseFiles): Promise<void> {
  await makeFolder(place);
  try {
    for (const [modality, source] of Object.entries(one.modalities)) {
      const name = `${one.id}_${modality}${endingOf(source)}`;
      await symlink(resolve(source.path), join(place, name));
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    refuse('io', { where: place, problem: `cannot link the images: ${reasonOf(cause)}` }, { cause });
  }
}

function endingOf({ path, series, volumeIndex }: VolumeSource): string {
  const ending = wholeFileEnding(path);
  if (ending !== undefined && series === undefined && volumeIndex === undefined) return ending;
  return fail('not-supported', {
    where: path,
    expected: 'a NIfTI file with one volume, which can be linked to',
    got: series === undefined ? 'another kind of file' : 'a DICOM series',
    todo: 'Convert the data set first.',
  });
}

async function writeMask(
  place: string,
  one: CaseFiles,
  growMm: number,
  shiftMm: number,
  seed: number,
): Promise<Corrupted> {
  if (one.mask === undefined) return { mask: 'none before' };
  const { volume, isTarget } = await readTarget(one, one.mask);
  const shift = directionOf(seed, one.id).map((part) => part * shiftMm) as [number, number, number];
  const data = moved(grown(volume, isTarget, growMm), volume, shift);
  await writeVolumeFile(
    join(place, `${one.id}_seg${writtenEnding(defaultFormat.name)}`),
    { ...volume, data },
    { datatype: 'int16', description: 'utad-net corrupted mask' },
  );
  return { mask: 'corrupted', shiftMm: shift };
}

/** The whole tumour with its border moved: voxels up to so many millimetres away are added, or taken away. */
function grown(volume: Volume, isTarget: (label: number) => boolean, growMm: number): Uint8Array {
  const inside = Uint8Array.from(volume.data, (label) => Number(isTarget(label)));
  if (growMm === 0) return inside;
  const grid = maskGridOf(volume);
  const from = growMm > 0 ? inside : inside.map((one) => 1 - one);
  return Uint8Array.from(distanceToMask(from, grid), (far) =>
    Number(growMm > 0 ? far <= growMm : far > -growMm),
  );
}

/** Moved by whole voxels, the nearest to the shift; what leaves the volume is lost. */
function moved(mask: Uint8Array, volume: Volume, shiftMm: readonly [number, number, number]): Float32Array {
  const spacing = spacingOf(volume.affineVoxelToWorld);
  const [di, dj, dk] = shiftMm.map((part, axis) => Math.round(part / spacing[axis]!)) as [
    number,
    number,
    number,
  ];
  const [ni, nj, nk] = volume.size;
  const result = new Float32Array(mask.length);
  for (let k = Math.max(0, dk); k < Math.min(nk, nk + dk); k++)
    for (let j = Math.max(0, dj); j < Math.min(nj, nj + dj); j++)
      for (let i = Math.max(0, di); i < Math.min(ni, ni + di); i++)
        result[(k * nj + j) * ni + i] = mask[((k - dk) * nj + j - dj) * ni + i - di]!;
  return result;
}

/** A direction along the voxel axes, uniform over the sphere. */
function directionOf(seed: number, id: string): readonly number[] {
  const random = createRandom(seed, 'shift', id);
  const parts = [random.normal(), random.normal(), random.normal()];
  const length = Math.hypot(...parts);
  return parts.map((part) => part / length);
}

function finite(where: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  return fail('bad-argument', { where, expected: 'a number', got: text });
}
