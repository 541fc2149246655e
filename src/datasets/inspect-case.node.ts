import { createHash } from 'node:crypto';
import { explanationOf, problemOf, UtadError } from '../base/errors.js';
import { type ForegroundRule, foregroundIn, foregroundOf } from '../imaging/foreground.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { readVolumeGrid } from '../imaging/formats/volume-grid.node.js';
import { axisCodes, describeGrid, spacingOf } from '../imaging/geometry.js';
import { countOf, doubtfulSize, requireMaskValues } from '../imaging/mask-values.js';
import { bodyDoubts } from '../imaging/plausibility.js';
import { requirePreparable } from '../imaging/prepare.js';
import { defaultRecipe } from '../imaging/recipe.js';
import { reorientVolume, sameVoxels } from '../imaging/reorient.js';
import type { Triple, Volume } from '../imaging/volume.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import type { DataSet } from './data-set.js';
import { type CaseInspection, intensityWarnings, type Problem, percent } from './inspection.js';
import { isInRegion, type LabelConvention, strangeLabels } from './label-convention.js';
import { labelsOf } from './labels.js';

/** Modalities of a patient show the same brain; covering less than this of their union, one is cut off. */
const leastCover = 0.9;
/** Tumour beyond every modality's brain is at most a rim; more than this is a misplaced mask. */
const mostOutside = 0.05;
/** The side has no part in what is checked; the default field of view has. */
const recipe = defaultRecipe(64);
/** Wide enough for every body. */
const wide = { ...recipe, fieldOfViewMm: 2000 };

type Add = (severity: Problem['severity'], text: string) => void;
type Grid = Pick<Volume, 'size' | 'affineVoxelToWorld'>;

/**
 * Looks through one case.
 *
 * @param seen fingerprints of images → where they were first seen; grows
 */
export async function inspectCase(
  one: CaseFiles,
  dataSet: DataSet,
  { headersOnly, seen }: { readonly headersOnly: boolean; readonly seen: Map<string, string> },
): Promise<CaseInspection> {
  const problems: Problem[] = [];
  const add: Add = (severity, text) => void problems.push({ severity, text });
  let grid: { readonly from: string; readonly volume: Grid } | undefined;
  const onGrid = (name: string, volume: Grid): boolean => {
    const { size, affineVoxelToWorld } = volume;
    grid ??= { from: name, volume: { size, affineVoxelToWorld } };
    if (sameVoxels(volume, grid.volume)) return true;
    add('error', `${name} lies on another grid than ${grid.from}: ${describeGrid(volume)}`);
    return false;
  };
  const read = async (source: VolumeSource, name: string): Promise<Volume | undefined> => {
    const header = headersOnly ? await readOrAdd(() => readVolumeGrid(source), name, add) : undefined;
    if (header) onGrid(name, header);
    const volume = headersOnly ? undefined : await readOrAdd(() => readVolume(source), name, add);
    for (const note of (header ?? volume)?.notes ?? []) add('warning', `${name}: ${note}`);
    return (volume && grid && reorientVolume(volume, grid.volume)) ?? volume;
  };

  const given = one.foreground && (await read(one.foreground, 'the foreground mask'));
  const brains: Record<string, Uint8Array> = {};
  const intensities = new Map<string, readonly string[]>();
  for (const name of dataSet.modalities) {
    const source = one.modalities[name];
    if (source === undefined) {
      add('warning', `no ${name}`);
      continue;
    }
    const volume = await read(source, name);
    if (!volume) continue;
    const fits = onGrid(name, volume);
    noteDuplicate(volume, `${one.id} ${name}`, name, seen, add);
    const rules = dataSet.foregroundByModality;
    const rule = (Object.hasOwn(rules, name) ? rules[name] : undefined) ?? { kind: 'nonzero' };
    if (!isPreparable(volume, name, rule, given, add)) continue;
    const brain = given
      ? foregroundOf((reorientVolume(given, volume) ?? given).data, { kind: 'nonzero' })
      : foregroundIn(volume, rule);
    if (rule.kind === 'nonzero' || given)
      for (const doubt of bodyDoubts(volume, brain)) add('warning', `${name}: ${doubt}`);
    for (const { what, detail } of intensityWarnings(volume.data, brain)) {
      intensities.set(what, [...(intensities.get(what) ?? []), `${name} (${detail})`]);
    }
    if (fits) brains[name] = brain;
  }
  for (const [what, where] of intensities) add('warning', `${what}: ${where.join(', ')}`);
  checkCover(brains, add);

  if (one.mask === undefined)
    add('warning', 'no tumour mask: where it trains, it teaches nothing of tumours');
  const mask = one.mask && (await read(one.mask, 'the mask'));
  const fits = mask !== undefined && onGrid('the mask', mask);
  const labelled = mask ? checkMask(mask, one.labels, fits ? Object.values(brains) : [], add) : {};
  return {
    id: one.id,
    modalities: one.modalities,
    ...(one.mask === undefined ? {} : { mask: one.mask }),
    ...(grid ? geometryOf(grid.volume) : {}),
    ...labelled,
    problems,
  };
}

function geometryOf({ size, affineVoxelToWorld }: Grid): {
  readonly size: Triple;
  readonly spacingMm: Triple;
  readonly orientation: string;
} {
  return { size, spacingMm: spacingOf(affineVoxelToWorld), orientation: axisCodes(affineVoxelToWorld) };
}

async function readOrAdd<T>(read: () => Promise<T>, name: string, add: Add): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    add('error', `${name} cannot be read: ${explanationOf(error.detail)}`);
    return undefined;
  }
}

function refusalOf(work: () => void): UtadError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof UtadError) return error;
    throw error;
  }
}

function isPreparable(
  volume: Volume,
  name: string,
  foreground: ForegroundRule,
  brain: Volume | undefined,
  add: Add,
): boolean {
  const refusal = (options: typeof recipe): UtadError | undefined =>
    refusalOf(() => requirePreparable(volume, { ...options, foreground }, name, brain ? { brain } : {}));
  const narrow = refusal(recipe);
  if (!narrow) return true;
  const refused = refusal(wide);
  if (refused) {
    add('error', `${name} cannot be prepared: ${explanationOf(refused.detail)}`);
    return false;
  }
  add(
    'warning',
    `${name} is ${problemOf(narrow.detail)}, more than the usual ${recipe.fieldOfViewMm}: train with --set data.preparation.fieldOfViewMm=…`,
  );
  return true;
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
  convention: LabelConvention | undefined,
  brains: readonly Uint8Array[],
  add: Add,
): Pick<CaseInspection, 'labels' | 'labelsMl' | 'convention'> {
  const wrong = refusalOf(() => requireMaskValues(mask, 'the mask'));
  if (wrong) {
    add('error', `the mask cannot be used: ${explanationOf(wrong.detail)}. ${wrong.detail.todo}`);
    return {};
  }
  const labels = labelsOf(mask.data);
  const strange = convention ? strangeLabels(convention, labels) : [];
  if (convention && strange.length > 0) {
    add(
      'error',
      `the mask has labels that the convention ${convention.name} does not have: ${strange.slice(0, 8).join(', ')}${strange.length > 8 ? ', …' : ''}`,
    );
  }
  const isTarget = convention ? isInRegion(convention, convention.target) : (label: number) => label > 0;
  let target = 0;
  let outside = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (!isTarget(mask.data[i]!)) continue;
    target++;
    if (brains.every((brain) => !brain[i])) outside++;
  }
  const [brain] = brains;
  if (target === 0) add('warning', 'the mask is empty');
  const size = brain && target > 0 ? doubtfulSize(target, countOf(brain)) : undefined;
  if (brain && size)
    add(
      size,
      `the tumour is ${percent(target / countOf(brain))} as large as the brain: the mask may be inverted, or of something else`,
    );
  if (target > 0 && size !== 'error' && brains.length > 0 && outside / target > mostOutside) {
    add(
      'warning',
      `${percent(outside / target)} of the tumour lie outside the brain: the mask may be misplaced`,
    );
  }
  return {
    labels,
    labelsMl: labelVolumes(mask, labels),
    ...(convention ? { convention: convention.name } : {}),
  };
}

/** Label → millilitres; empty for volumes with so many values that they are no labels. */
function labelVolumes(mask: Volume, labels: readonly number[]): Readonly<Record<string, number>> {
  const [i, j, k] = spacingOf(mask.affineVoxelToWorld);
  const voxels = new Map(labels.length > 64 ? [] : labels.map((label) => [label, 0]));
  for (let index = 0; index < mask.data.length; index++) {
    const label = mask.data[index]!;
    const before = voxels.get(label);
    if (before !== undefined) voxels.set(label, before + 1);
  }
  voxels.delete(0);
  return Object.fromEntries(
    [...voxels].map(([label, count]) => [String(label), Number(((count * i * j * k) / 1000).toFixed(3))]),
  );
}
