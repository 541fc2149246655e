import { createHash } from 'node:crypto';
import { UtadError } from '../base/errors.js';
import { axisCodes, describeGrid, sameGrid, spacingOf } from '../imaging/geometry.js';
import { brainOf } from '../imaging/normalise.js';
import { requirePreparable } from '../imaging/prepare.js';
import { defaultRecipe } from '../imaging/recipe.js';
import type { Volume } from '../imaging/volume.js';
import { readVolumeFile } from '../imaging/volume-file.node.js';
import { type CaseFiles, patientOf } from './case.js';
import { type CaseInspection, intensityWarnings, type Problem, percent } from './inspection.js';
import { conventionOf, isWholeTumour, type LabelConvention, labelsOf } from './labels.js';

/** Modalities of a patient show the same brain; covering less than this of their union, one is cut off. */
const leastCover = 0.9;
/** Tumour beyond every modality's brain is at most a rim; more than this is a misplaced mask. */
const mostOutside = 0.05;
/** The side has no part in what is checked; the default field of view has. */
const recipe = defaultRecipe(64);

/**
 * Looks through all patients, reading one volume at a time.
 *
 * @param modalities those that each patient should have
 */
export async function inspectCases(
  cases: readonly CaseFiles[],
  modalities: readonly string[],
  onProgress: (done: number, id: string) => void = () => undefined,
): Promise<readonly CaseInspection[]> {
  const seen = new Map<string, string>();
  const people = new Map<string, string>();
  const found: CaseInspection[] = [];
  for (const [index, one] of cases.entries()) {
    onProgress(index, one.id);
    const inspection = await inspectCase(one, modalities, seen);
    const person = patientOf(one.id);
    const other = people.get(person);
    people.set(person, other ?? one.id);
    const same: Problem[] =
      other === undefined ? [] : [{ severity: 'warning', text: `the same patient as ${other}, by the name` }];
    found.push({ ...inspection, problems: [...inspection.problems, ...same] });
  }
  return found;
}

/** Looks through one patient; `seen` maps fingerprints of images to where they were first seen, and grows. */
async function inspectCase(
  one: CaseFiles,
  modalities: readonly string[],
  seen: Map<string, string>,
): Promise<CaseInspection> {
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], text: string): void => void problems.push({ severity, text });
  let grid:
    | { readonly from: string; readonly volume: Pick<Volume, 'size' | 'affineVoxelToWorld'> }
    | undefined;
  const brains: Record<string, Uint8Array> = {};
  const intensities = new Map<string, readonly string[]>();

  for (const name of modalities) {
    const path = one.modalities[name];
    if (path === undefined) {
      add('warning', `no ${name}`);
      continue;
    }
    const volume = await readOrAdd(path, name, add);
    if (!volume) continue;
    const preparable = isPreparable(volume, name, add);
    if (preparable) {
      for (const { what, detail } of intensityWarnings(volume.data)) {
        intensities.set(what, [...(intensities.get(what) ?? []), `${name} (${detail})`]);
      }
    }
    noteDuplicate(volume, `${one.id} ${name}`, name, seen, add);
    const { size, affineVoxelToWorld } = volume;
    grid ??= { from: name, volume: { size, affineVoxelToWorld } };
    if (!sameGrid(grid.volume, volume)) {
      add('error', `${name} lies on another grid than ${grid.from}: ${describeGrid(volume)}`);
    } else if (preparable) brains[name] = brainOf(volume.data);
  }
  for (const [what, where] of intensities) add('warning', `${what}: ${where.join(', ')}`);
  checkCover(brains, add);

  const mask = one.mask === undefined ? undefined : await readOrAdd(one.mask, 'the mask', add);
  if (one.mask === undefined) add('warning', 'no tumour mask: of use for translating, not for training');
  if (mask && grid && !sameGrid(grid.volume, mask)) {
    add('error', `the mask lies on another grid than ${grid.from}: ${describeGrid(mask)}`);
  }
  const labelled = mask ? checkMask(mask, Object.values(brains), add) : {};
  return {
    id: one.id,
    modalities: one.modalities,
    ...(one.mask === undefined ? {} : { mask: one.mask }),
    ...(grid
      ? {
          size: grid.volume.size,
          spacingMm: spacingOf(grid.volume.affineVoxelToWorld),
          orientation: axisCodes(grid.volume.affineVoxelToWorld),
        }
      : {}),
    ...labelled,
    problems,
  };
}

type Add = (severity: Problem['severity'], text: string) => void;

async function readOrAdd(path: string, name: string, add: Add): Promise<Volume | undefined> {
  try {
    return await readVolumeFile(path);
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    add('error', `${name} cannot be read: expected ${error.detail.expected}, got ${error.detail.got}`);
    return undefined;
  }
}

function isPreparable(volume: Volume, name: string, add: Add): boolean {
  try {
    requirePreparable(volume, recipe, name);
    return true;
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    add('error', `${name} cannot be prepared: expected ${error.detail.expected}, got ${error.detail.got}`);
    return false;
  }
}

function noteDuplicate(
  volume: Volume,
  place: string,
  name: string,
  seen: Map<string, string>,
  add: Add,
): void {
  const { data, size } = volume;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const fingerprint = createHash('sha1').update(size.join()).update(bytes).digest('hex');
  const before = seen.get(fingerprint);
  if (before === undefined) seen.set(fingerprint, place);
  else add('warning', `${name} is the same image as ${before}`);
}

function checkCover(brains: Readonly<Record<string, Uint8Array>>, add: Add): void {
  const all = Object.values(brains);
  if (all.length < 2) return;
  let union = 0;
  for (let i = 0; i < all[0]!.length; i++) if (all.some((brain) => brain[i])) union++;
  for (const [name, brain] of Object.entries(brains)) {
    const share = brain.reduce((sum, inside) => sum + inside, 0) / union;
    if (share < leastCover)
      add(
        'warning',
        `${name} is cut off: it shows ${percent(share)} of the brain that the modalities show together`,
      );
  }
}

function checkMask(
  mask: Volume,
  brains: readonly Uint8Array[],
  add: Add,
): { readonly labels: readonly number[]; readonly convention: LabelConvention } {
  const labels = labelsOf(mask.data);
  const convention = conventionOf(labels);
  if (convention === 'unknown') {
    add(
      'warning',
      `the mask has labels that BraTS does not have: ${labels.slice(0, 8).join(', ')}${labels.length > 8 ? ', …' : ''}`,
    );
  } else if (convention === 'ambiguous') {
    add('warning', 'the mask has labels 3 and 4, whose meaning differs between years; both count as tumour');
  }
  let tumour = 0;
  let outside = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (!isWholeTumour(mask.data[i]!)) continue;
    tumour++;
    if (brains.every((brain) => brain.length === mask.data.length && !brain[i])) outside++;
  }
  if (tumour === 0) add('warning', 'the mask is empty');
  else if (brains.length > 0 && outside / tumour > mostOutside) {
    add(
      'warning',
      `${percent(outside / tumour)} of the tumour lie outside the brain: the mask may be misplaced`,
    );
  }
  return { labels, convention };
}
