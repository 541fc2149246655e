import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, read, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireChecksum, withChecksum } from '../base/checksum.node.js';
import { fail, refuse } from '../base/errors.js';
import { replaceFile, writeFileAtomic } from '../base/files.node.js';
import { readTarget } from '../datasets/read-target.node.js';
import { regionMask } from '../datasets/region-mask.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { countOf, requirePartOfBody } from '../imaging/mask-values.js';
import { type PreparedVolume, prepareVolume } from '../imaging/prepare.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import { type PreparationRecord, preparedBody, preparedRange } from '../imaging/record.js';
import { reorientVolume } from '../imaging/reorient.js';
import type { Volume } from '../imaging/volume.js';
import { describeSource } from '../imaging/volume-source.js';
import type { Assignment } from './assignment.js';
import type { PreparedRange, SliceEntry, SliceStore, StoredSlice } from './slice-store.js';
import { storeFingerprint } from './store-fingerprint.node.js';
import { readStoreIndex, type StoreIndex, storeFormatVersion } from './store-index.js';

/** What goes into a store and how its making is reported. */
interface SliceStoreOptions {
  /** Names in the network's order; entries hold indices into it. */
  readonly modalities: readonly string[];
  /** Regions of the labels that masks tell apart; the labels' target alone when left out. */
  readonly regions?: readonly string[];
  /** Slices with less brain than this share of their pixels are left out. */
  readonly minimumBrainFraction?: number;
  /** Whether all modalities of a patient, on one grid, are laid around one centre; with regions they always are. */
  readonly aligned?: boolean;
  /** How many slices below and above each one are kept beside, whatever brain they have; none when left out. */
  readonly contextSlices?: number;
  /** Called before each volume and at the end. */
  readonly onProgress?: (done: number, total: number, text: string) => void;
  /** Told when slices that were prepared are damaged and are prepared again. */
  readonly onNotice?: (text: string) => void;
}

/** 0.03 of 256 mm × 256 mm are 20 cm²: what is left out are fragments at both ends of the brain. */
const defaultMinimumBrainFraction = 0.03;

/**
 * Prepares the training slices of all cases into one file of fixed-size records below `folder`, or opens the
 * file that an earlier call made of the same inputs (paths, sizes, times of change) and recipe, where its checksum is right.
 * Volumes are held one at a time; slices are read from the file when asked for.
 *
 * Cases without a mask have slices too, which say so, unless regions are asked for.
 *
 * @throws UtadError not-found or bad-value naming the case: no mask, a missing or unusable file; io when the
 * folder cannot be written.
 */
export async function prepareSliceStore(
  folder: string,
  assignments: readonly Assignment[],
  recipe: PreparationRecipe,
  options: SliceStoreOptions,
): Promise<SliceStore> {
  const minimum = options.minimumBrainFraction ?? defaultMinimumBrainFraction;
  const fingerprint = await storeFingerprint(assignments, {
    formatVersion: storeFormatVersion,
    recipe,
    modalities: options.modalities,
    minimumBrainFraction: minimum,
    ...(options.regions ? { regions: options.regions } : {}),
    ...(options.contextSlices ? { contextSlices: options.contextSlices } : {}),
    ...(options.aligned ? { aligned: true } : {}),
  });
  const data = join(folder, `slices-${fingerprint}.bin`);
  const index = join(folder, `slices-${fingerprint}.json`);
  const existing = await openStore(data, index, fingerprint);
  if (existing) return existing;
  if (existsSync(index))
    options.onNotice?.(`${data}: the prepared slices are damaged, so they are prepared again.`);

  const written = await writeRecords(data, assignments, recipe, {
    ...options,
    minimumBrainFraction: minimum,
  });
  const made: StoreIndex = { formatVersion: storeFormatVersion, side: recipe.sliceSide, ...written };
  // The index comes last: where it is, the records are whole.
  await writeFileAtomic(index, JSON.stringify(withChecksum(made)));
  return (
    (await openStore(data, index, fingerprint)) ??
    refuse('io', {
      where: data,
      problem: 'another process has replaced the slices just written',
      todo: 'Run it again.',
    })
  );
}

function recordBytes(side: number): number {
  // float32 image, tumour mask, brain mask
  return side * side * (4 + 1 + 1);
}

async function openStore(data: string, index: string, fingerprint: string): Promise<SliceStore | undefined> {
  let parsed: StoreIndex;
  let file: number;
  try {
    const text = readFileSync(index, 'utf8');
    parsed = readStoreIndex(text, index);
    requireChecksum(JSON.parse(text), index);
    file = openSync(data, 'r');
  } catch {
    // Not there or not readable: it is made anew.
    return undefined;
  }
  if (!(await areWhole(file, parsed))) {
    closeSync(file);
    return undefined;
  }
  const { side, ranges, contextSlices = 0 } = parsed;
  const pixels = side * side;
  const readRecord = (place: number): StoredSlice => {
    const record = new Uint8Array(recordBytes(side));
    const got = readSync(file, record, 0, record.length, place * record.length);
    if (got !== record.length) {
      fail('bad-file', {
        where: data,
        expected: `${record.length} bytes`,
        got: `${got}`,
        todo: 'Delete it; it is made anew.',
      });
    }
    return {
      image: new Float32Array(record.buffer, 0, pixels),
      mask: record.subarray(4 * pixels, 5 * pixels),
      brain: record.subarray(5 * pixels),
    };
  };
  const places = parsed.entries.flatMap(({ beside }, place) => (beside ? [] : [place]));
  const entries = places.map((place) => parsed.entries[place]!);
  const placeAt = (index: number): number => {
    const expected = `an index below ${entries.length}`;
    return places[index] ?? fail('bad-argument', { where: 'slice store', expected, got: `${index}` });
  };
  const keyOf = ({ caseId, modality }: SliceEntry, slice: number): string => `${modality} ${slice} ${caseId}`;
  const placeOf = new Map(
    contextSlices === 0 ? [] : parsed.entries.map((entry, place) => [keyOf(entry, entry.slice), place]),
  );
  return {
    fingerprint,
    count: entries.length,
    side,
    entries,
    ranges,
    read: (index) => readRecord(placeAt(index)),
    contextSlices,
    readContextSlice: (index, offset) => {
      const place = placeAt(index);
      if (!(Math.abs(offset) <= contextSlices)) {
        const expected = `context slices up to ${contextSlices} slices away, which are kept`;
        fail('bad-argument', { where: 'slice store', expected, got: `${offset}` });
      }
      const entry = entries[index]!;
      // All that are near enough have a record, so one without is beyond the volume's end.
      return readRecord(placeOf.get(keyOf(entry, entry.slice + offset)) ?? place);
    },
    close: () => closeSync(file),
  };
}

/** Whether the records are those that were written: about what reading them once costs. */
async function areWhole(file: number, { entries, side, recordsSha256 }: StoreIndex): Promise<boolean> {
  const total = entries.length * recordBytes(side);
  if (fstatSync(file).size !== total) return false;
  if (recordsSha256 === undefined) return true;
  const hash = createHash('sha256');
  const part = new Uint8Array(Math.min(total, hashedAtOnce));
  for (let at = 0; at < total; ) {
    const length = Math.min(part.length, total - at);
    const { bytesRead } = await readAt(file, part, 0, length, at).catch(() => ({ bytesRead: 0 }));
    if (bytesRead === 0) return false;
    hash.update(part.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex') === recordsSha256;
}

const hashedAtOnce = 2 ** 22;
const readAt = promisify(read);

async function writeRecords(
  path: string,
  assignments: readonly Assignment[],
  recipe: PreparationRecipe,
  options: SliceStoreOptions & { readonly minimumBrainFraction: number },
): Promise<Pick<StoreIndex, 'entries' | 'ranges' | 'contextSlices' | 'recordsSha256'>> {
  const total = assignments.reduce((sum, { modalities }) => sum + modalities.length, 0);
  const { contextSlices = 0 } = options;
  const entries: StoreIndex['entries'] = [];
  const ranges: PreparedRange[] = [];
  const hash = createHash('sha256');
  let done = 0;
  return replaceFile(path, async (file) => {
    for (const { case: one, modalities } of assignments) {
      const target = one.mask === undefined ? null : await readTarget(one, one.mask);
      const brain = one.foreground === undefined ? {} : { brain: await readVolume(one.foreground) };
      let first: PreparationRecord | undefined;
      let grid: Pick<Volume, 'size' | 'affineVoxelToWorld'> | undefined;
      for (const name of modalities) {
        options.onProgress?.(done++, total, `${one.id} ${name}`);
        const source = one.modalities[name]!;
        const read = await readVolume(source);
        const volume = (options.aligned && grid && reorientVolume(read, grid)) || read;
        grid ??= volume;
        const prepared = prepareVolume(volume, recipe, describeSource(source), {
          modality: name,
          ...brain,
          // Regions belong to all modalities of a slice: these must be laid around one centre.
          ...((options.regions || options.aligned) && first ? { like: first } : {}),
        });
        first ??= prepared.record;
        const tumour =
          target === null
            ? new Uint8Array(prepared.slices.length)
            : regionMask(target, options.regions, prepared.record);
        if (target) requirePartOfBody(countOf(tumour), countOf(prepared.brain), target.where);
        const modality = options.modalities.indexOf(name);
        const body = preparedBody(prepared.record);
        const longestMm = Math.max(...body.extentMm);
        ranges.push({
          ...{ caseId: one.id, modality, ...preparedRange(prepared.record) },
          ...{ volumeMl: body.volumeMl, longestMm },
        });
        const pixels = prepared.side ** 2;
        const enough = slicesWithBrain(prepared, options.minimumBrainFraction);
        for (let slice = 0; slice < prepared.count; slice++) {
          const near = enough.slice(Math.max(0, slice - contextSlices), slice + contextSlices + 1);
          if (!near.includes(true)) continue;
          const [start, end] = [slice * pixels, (slice + 1) * pixels];
          const brain = prepared.brain.subarray(start, end);
          const mask = tumour.subarray(start, end);
          const record = new Uint8Array(recordBytes(prepared.side));
          new Float32Array(record.buffer, 0, pixels).set(prepared.slices.subarray(start, end));
          record.set(mask, 4 * pixels);
          record.set(brain, 5 * pixels);
          await file.writeFile(record);
          hash.update(record);
          entries.push({
            caseId: one.id,
            modality,
            slice,
            hasTumour: mask.some((bits) => bits !== 0),
            ...(target === null ? { unmasked: true } : {}),
            ...(enough[slice] ? {} : { beside: true as const }),
          });
        }
      }
    }
    options.onProgress?.(total, total, '');
    const recordsSha256 = hash.digest('hex');
    return { entries, ranges, ...(contextSlices > 0 ? { contextSlices } : {}), recordsSha256 };
  });
}

/** Which slices have at least this share of their pixels in the brain. */
function slicesWithBrain({ brain, count, side }: PreparedVolume, share: number): boolean[] {
  const pixels = side ** 2;
  return Array.from({ length: count }, (_, slice) => {
    const own = brain.subarray(slice * pixels, (slice + 1) * pixels);
    return own.reduce((sum, inside) => sum + inside, 0) >= share * pixels;
  });
}
