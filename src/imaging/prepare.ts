import { fail } from '../base/errors.js';
import { requireUsable } from './checks.js';
import { describeGrid, sameGrid, spacingOf } from './geometry.js';
import { brainOf, normalise } from './normalise.js';
import { axialOrderOf, toAxial } from './orientation.js';
import type { PreparationRecipe } from './recipe.js';
import type { NormaliseStep, OrientStep, PreparationRecord, ResampleStep } from './record.js';
import { axisWeights, centredGrids, halfCovered, resampleSlices } from './resample.js';
import type { Triple, Volume } from './volume.js';

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

/**
 * Turns a skull-stripped volume into slices: axial order, the brain scaled between its percentiles, pixels of
 * the recipe's size by area-weighted means around the centre of the grid.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-value when the volume is not skull-stripped, empty, constant, not finite, or larger
 * than the field of view.
 */
export function prepareVolume(volume: Volume, recipe: PreparationRecipe, where = 'volume'): PreparedVolume {
  const [orient, scale, resample] = planSteps(volume, recipe, where);
  const { order } = orient;
  const unit = normalise(toAxial(volume.data, order), scale.brain, scale.range);
  const slices = toSlices(unit, orient, resample);
  const brain = halfOrMore(toSlices(scale.brain, orient, resample));
  for (let i = 0; i < slices.length; i++) slices[i] = brain[i] ? Math.min(1, 2 * slices[i]! - 1) : -1;
  return {
    slices,
    brain,
    count: order.size[2],
    side: recipe.sliceSide,
    record: { recipe, steps: [orient, scale, resample] },
  };
}

/**
 * Whether {@link prepareVolume} would take a volume, without doing its work.
 *
 * @throws UtadError as prepareVolume does.
 */
export function requirePreparable(volume: Volume, recipe: PreparationRecipe, where = 'volume'): void {
  planSteps(volume, recipe, where);
}

/**
 * Turns a label volume into the tumour mask of the slices that an image of the same grid was prepared to.
 *
 * @param isTumour which labels count
 * @param record the image's
 * @param where the file's name, for messages
 * @returns [K, S, S], 1 where at least half of the pixel is tumour
 * @throws UtadError bad-shape when the mask does not lie on the image's grid.
 */
export function prepareMask(
  mask: Volume,
  recipe: PreparationRecipe,
  isTumour: (label: number) => boolean,
  record: PreparationRecord,
  where = 'mask',
): Uint8Array {
  const [orient] = record.steps;
  const image = { size: orient.order.sourceSize, affineVoxelToWorld: orient.affineVoxelToWorld };
  if (!sameGrid(image, mask)) {
    fail('bad-shape', {
      where,
      expected: `the grid of its image (${describeGrid(image)})`,
      got: describeGrid(mask),
      todo: 'Resample the mask to the image, with nearest neighbours.',
    });
  }
  const tumour = new Uint8Array(mask.data.length);
  for (let i = 0; i < tumour.length; i++) tumour[i] = isTumour(mask.data[i]!) ? 1 : 0;
  return halfOrMore(toSlices(toAxial(tumour, orient.order), orient, resampleStep(orient, recipe)));
}

function planSteps(volume: Volume, recipe: PreparationRecipe, where: string): PreparationRecord['steps'] {
  const nativeBrain = brainOf(volume.data);
  const range = requireUsable(volume, nativeBrain, recipe, where);
  const orient = orientStep(volume);
  const scale: NormaliseStep = { kind: 'normalise', range, brain: toAxial(nativeBrain, orient.order) };
  const resample = resampleStep(orient, recipe);
  requireWithinView(scale.brain, orient, resample, recipe, where);
  return [orient, scale, resample];
}

function orientStep(volume: Volume): OrientStep {
  return {
    kind: 'orient',
    order: axialOrderOf(volume.size, volume.affineVoxelToWorld),
    affineVoxelToWorld: volume.affineVoxelToWorld,
    ...(volume.nifti ? { nifti: volume.nifti } : {}),
  };
}

function resampleStep(orient: OrientStep, recipe: PreparationRecipe): ResampleStep {
  const { size, sourceAxis } = orient.order;
  const spacing = spacingOf(orient.affineVoxelToWorld);
  const grids = (axis: 0 | 1) =>
    centredGrids(size[axis], spacing[sourceAxis[axis]]!, recipe.sliceSide, recipe.fieldOfViewMm);
  return { kind: 'resample', rows: grids(1), columns: grids(0) };
}

function toSlices(data: Float32Array | Uint8Array, orient: OrientStep, step: ResampleStep): Float32Array {
  const rows = axisWeights(step.rows.native, step.rows.slice);
  const columns = axisWeights(step.columns.native, step.columns.slice);
  return resampleSlices(data, orient.order.size[2], rows, columns);
}

function halfOrMore(covered: Float32Array): Uint8Array {
  const mask = new Uint8Array(covered.length);
  for (let i = 0; i < mask.length; i++) mask[i] = covered[i]! >= halfCovered ? 1 : 0;
  return mask;
}

function requireWithinView(
  brain: Uint8Array,
  orient: OrientStep,
  step: ResampleStep,
  recipe: PreparationRecipe,
  where: string,
): void {
  const seen = extentOf(brain, orient.order.size);
  const needed = (['rows', 'columns'] as const).map((axis) => {
    const { startMm, spacingMm } = step[axis].native;
    const centre = recipe.fieldOfViewMm / 2;
    const [first, last] = seen[axis];
    return 2 * Math.max(centre - (startMm + first * spacingMm), startMm + (last + 1) * spacingMm - centre);
  });
  const most = Math.max(...needed);
  if (most <= recipe.fieldOfViewMm + 1e-3) return;
  fail('bad-value', {
    where,
    expected: `a brain within the ${recipe.fieldOfViewMm} mm around the centre of the grid`,
    got: `one that needs ${Math.ceil(most - 1e-3)} mm`,
    todo: `Centre the brain in its volume, or use a recipe with fieldOfViewMm ${Math.ceil(most - 1e-3)} or more.`,
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
