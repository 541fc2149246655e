import { fail } from '../base/errors.js';
import { requireUsable } from './checks.js';
import { backgroundOf, foregroundIn, foregroundOf } from './foreground.js';
import { describeGrid, spacingOf } from './geometry.js';
import { requireMaskValues, requireNotInverted } from './mask-values.js';
import { normalise } from './normalise.js';
import { axialOrderOf, toAxial } from './orientation.js';
import { type CompleteRecipe, completeRecipe, type PreparationRecipe } from './recipe.js';
import type { NormaliseStep, OrientStep, PreparationRecord, ResampleStep } from './record.js';
import { reorientVolume } from './reorient.js';
import { type AxisChange, centredGrids, halfCovered, keptGrids } from './resample.js';
import { toSlices } from './resample-step.js';
import type { Triple, Volume } from './volume.js';
import { requireVolume } from './volume-shape.js';

/** A volume as the network sees it. K is the number of axial slices, S the slice side. */
export interface PreparedVolume {
  /** [K, S, S] in [−1, 1]; exactly −1 outside the brain. Slices go up, rows back, columns to the left. */
  readonly slices: Float32Array;
  /** [K, S, S], 1 in the brain. */
  readonly brain: Uint8Array;
  /** K. */
  readonly count: number;
  /** S. */
  readonly side: number;
  readonly record: PreparationRecord;
}

/** What {@link prepareVolume} may be given besides the recipe. */
interface PrepareOptions {
  /** The volume's modality, where the recipe has a foreground rule of its own for it. */
  readonly modality?: string;
  /** A brain mask on the volume's grid; takes the place of the recipe's foreground rule. */
  readonly brain?: Volume;
  /** Another volume of the patient on the same grid: the slices are laid around the same centre. */
  readonly like?: PreparationRecord;
}

/**
 * The least value of the brain in a slice: above the background's −1, so that a slice by itself tells where its
 * brain is, and too near it to be seen. */
export const darkestBrain = -1 + 2 ** -20;

/**
 * Turns a volume into slices: axial order, the brain scaled between its percentiles, pixels and slices of the
 * recipe's size by area-weighted means around the recipe's centre.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-value when the volume is not skull-stripped, empty, constant, not finite, or larger
 * than the field of view; bad-shape when the brain mask lies on another grid.
 */
export function prepareVolume(
  volume: Volume,
  recipe: PreparationRecipe,
  where = 'volume',
  options: PrepareOptions = {},
): PreparedVolume {
  const complete = completeRecipe(recipe, options.modality);
  const [orient, scale, resample] = planSteps(volume, complete, where, options);
  const { order } = orient;
  const unit = normalise(toAxial(volume.data, order), scale.brain, scale.range);
  const slices = toSlices(unit, resample);
  const brain = halfOrMore(toSlices(scale.brain, resample));
  for (let i = 0; i < slices.length; i++)
    slices[i] = brain[i] ? Math.max(darkestBrain, Math.min(1, 2 * slices[i]! - 1)) : -1;
  return {
    slices,
    brain,
    count: resample.slices.slice.count,
    side: complete.sliceSide,
    record: { recipe: complete, steps: [orient, scale, resample] },
  };
}

/**
 * Whether {@link prepareVolume} would take a volume, without doing its work.
 *
 * @throws UtadError as prepareVolume does.
 */
export function requirePreparable(
  volume: Volume,
  recipe: PreparationRecipe,
  where = 'volume',
  options: PrepareOptions = {},
): void {
  planSteps(volume, completeRecipe(recipe, options.modality), where, options);
}

/**
 * Turns a label volume into the tumour mask of the slices that an image of the same grid was prepared to.
 *
 * @param isTumour which labels count
 * @param record the image's
 * @param where the file's name, for messages
 * @returns [K, S, S], 1 where at least half of the pixel is tumour
 * @throws UtadError bad-shape when the mask does not lie on the image's grid, bad-value when its values are no labels.
 */
export function prepareMask(
  mask: Volume,
  isTumour: (label: number) => boolean,
  record: PreparationRecord,
  where = 'mask',
): Uint8Array {
  return halfOrMore(toSlices(axialMask(mask, isTumour, record, where), record.steps[2]));
}

/**
 * Turns a label volume into a tumour mask on its image's own grid.
 *
 * @param isTumour which labels count
 * @param record the image's
 * @param where the file's name, for messages
 * @returns [K, rows, columns] in axial order, 1 in the tumour
 * @throws UtadError bad-shape when the mask does not lie on the image's grid, bad-value when its values are no labels.
 */
export function axialMask(
  mask: Volume,
  isTumour: (label: number) => boolean,
  { steps: [orient] }: PreparationRecord,
  where = 'mask',
): Uint8Array {
  requireVolume(mask, where);
  const { data } = onGridOf(orient, mask, where, 'Resample the mask to the image, with nearest neighbours.');
  requireMaskValues({ data }, where);
  const tumour = new Uint8Array(data.length);
  for (let i = 0; i < tumour.length; i++) tumour[i] = isTumour(data[i]!) ? 1 : 0;
  return toAxial(tumour, orient.order);
}

/** A mask on the grid of its image; axes that are only exchanged or mirrored are moved back. */
function onGridOf(orient: OrientStep, mask: Volume, where: string, todo: string): Volume {
  const image = { size: orient.order.sourceSize, affineVoxelToWorld: orient.affineVoxelToWorld };
  const moved = reorientVolume(mask, image);
  if (moved) return moved;
  return fail('bad-shape', {
    where,
    expected: `the grid of its image (${describeGrid(image)})`,
    got: describeGrid(mask),
    todo,
  });
}

function planSteps(
  volume: Volume,
  recipe: CompleteRecipe,
  where: string,
  { brain: mask, like }: PrepareOptions,
): PreparationRecord['steps'] {
  requireVolume(volume, where);
  if (mask) requireVolume(mask, `brain mask of ${where}`);
  const orient = orientStep(volume);
  const nativeBrain = mask
    ? maskOf(orient, mask, `brain mask of ${where}`)
    : foregroundIn(volume, recipe.foreground);
  const range = requireUsable(volume, nativeBrain, recipe, where, mask !== undefined);
  const brain = toAxial(nativeBrain, orient.order);
  const background = backgroundOf(recipe.foreground);
  const scale: NormaliseStep = { kind: 'normalise', range, brain, background };
  const resample = like ? sameView(like, orient) : resampleStep(orient, brain, recipe);
  // Around the middle of another volume's brain, a stray voxel of this one may lie outside.
  if (like === undefined || recipe.centre === 'grid') requireWithinView(brain, resample, recipe, where);
  return [orient, scale, resample];
}

/** A brain mask on the grid of its image, checked. */
function maskOf(orient: OrientStep, mask: Volume, where: string): Uint8Array {
  const { data } = onGridOf(orient, mask, where, 'Resample it, with nearest neighbours.');
  requireMaskValues({ data }, where);
  const inside = foregroundOf(data, { kind: 'nonzero' });
  requireNotInverted(inside, orient.order.sourceSize, where);
  return inside;
}

/** The view of another volume of the patient, whose grid is the same. */
function sameView(like: PreparationRecord, orient: OrientStep): ResampleStep {
  const [{ order }, , resample] = like.steps;
  if (order.size.every((size, axis) => size === orient.order.size[axis])) return resample;
  return fail('bad-shape', {
    where: 'volumes of a patient',
    expected: `${order.size.join('×')} voxels in axial order`,
    got: orient.order.size.join('×'),
  });
}

function orientStep(volume: Volume): OrientStep {
  return {
    kind: 'orient',
    order: axialOrderOf(volume.size, volume.affineVoxelToWorld),
    affineVoxelToWorld: volume.affineVoxelToWorld,
    origin: volume.origin,
  };
}

function resampleStep(orient: OrientStep, brain: Uint8Array, recipe: CompleteRecipe): ResampleStep {
  const { size, sourceAxis } = orient.order;
  const { sliceSide, fieldOfViewMm, maximumFieldOfViewMm, sliceSpacingMm } = recipe;
  const spacing = ([0, 1, 2] as const).map((axis) => spacingOf(orient.affineVoxelToWorld)[sourceAxis[axis]]!);
  const extent = extentOf(brain, size);
  const isCentred = recipe.centre === 'foreground';
  const layOut = (viewMm: number): ResampleStep => {
    const grids = (axis: 0 | 1, [first, last]: readonly [number, number]): AxisChange =>
      centredGrids(
        size[axis],
        spacing[axis]!,
        sliceSide,
        viewMm,
        isCentred ? (first + last + 1) / 2 : undefined,
      );
    return {
      kind: 'resample',
      rows: grids(1, extent.rows),
      columns: grids(0, extent.columns),
      slices: sliceGrids(size[2], spacing[2]!, sliceSpacingMm),
    };
  };
  const usual = layOut(fieldOfViewMm);
  const needed = neededMm(usual, extent);
  if (needed <= fieldOfViewMm + roundingMm) return usual;
  // Edges of pixels move by half a voxel at most.
  return layOut(Math.min(maximumFieldOfViewMm, needed + Math.max(spacing[0]!, spacing[1]!)));
}

/** Lengths that differ by less are equal. */
const roundingMm = 1e-3;

/** How many millimetres around the middle of the view the brain takes. */
function neededMm(step: ResampleStep, extent: ReturnType<typeof extentOf>): number {
  const ends = (['rows', 'columns'] as const).map((axis) => {
    const { native, slice } = step[axis];
    const centre = (slice.spacingMm * slice.count) / 2;
    const [first, last] = extent[axis];
    return Math.max(
      centre - (native.startMm + first * native.spacingMm),
      native.startMm + (last + 1) * native.spacingMm - centre,
    );
  });
  return 2 * Math.max(...ends);
}

function sliceGrids(count: number, spacingMm: number, wantedMm: number | null): AxisChange {
  if (wantedMm === null) return keptGrids(count, spacingMm);
  // A hair less than a whole number of slices is rounding, not a reason for one more.
  const wanted = Math.max(1, Math.ceil((count * spacingMm) / wantedMm - 1e-3));
  return centredGrids(count, spacingMm, wanted, wanted * wantedMm);
}

function halfOrMore(covered: Float32Array): Uint8Array {
  const mask = new Uint8Array(covered.length);
  for (let i = 0; i < mask.length; i++) mask[i] = covered[i]! >= halfCovered ? 1 : 0;
  return mask;
}

function requireWithinView(
  brain: Uint8Array,
  step: ResampleStep,
  recipe: CompleteRecipe,
  where: string,
): void {
  const { rows, columns, slices } = step;
  const extent = extentOf(brain, [columns.native.count, rows.native.count, slices.native.count]);
  const most = neededMm(step, extent);
  if (most <= rows.slice.spacingMm * rows.slice.count + roundingMm) return;
  fail('bad-value', {
    where,
    expected: `a brain within the ${recipe.maximumFieldOfViewMm} mm around the ${recipe.centre === 'grid' ? 'centre of the grid' : 'middle of the patient'}`,
    got: `one that needs ${Math.ceil(most - roundingMm)} mm`,
    todo: `Centre the brain in its volume, or use a recipe with fieldOfViewMm ${Math.ceil(most - roundingMm)} or more.`,
  });
}

/** First and last row and column with brain in any slice. */
function extentOf(
  brain: Uint8Array,
  [width, height, count]: Triple,
): Record<'rows' | 'columns', readonly [number, number]> {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let line = 0; line < height * count; line++) {
    const start = line * width;
    let first = 0;
    while (first < width && !brain[start + first]) first++;
    if (first === width) continue;
    let last = width - 1;
    while (!brain[start + last]) last--;
    const row = line % height;
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    left = Math.min(left, first);
    right = Math.max(right, last);
  }
  return { rows: [top, bottom], columns: [left, right] };
}
