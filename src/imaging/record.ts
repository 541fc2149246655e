import { spacingOf } from './geometry.js';
import type { ValueRange } from './normalise.js';
import type { AxialOrder } from './orientation.js';
import { type ForegroundMeasures, measureForeground } from './plausibility.js';
import type { CompleteRecipe } from './recipe.js';
import type { AxisChange } from './resample.js';
import type { Affine, VolumeOrigin } from './volume.js';

/** Axes were brought into axial order; undone by moving them back onto the source's grid. */
export interface OrientStep {
  readonly kind: 'orient';
  readonly order: AxialOrder;
  readonly affineVoxelToWorld: Affine;
  readonly origin: VolumeOrigin;
}

/** Intensities were scaled to [0, 1] in the brain; undone with a range, the brain and the background. */
export interface NormaliseStep {
  readonly kind: 'normalise';
  readonly range: ValueRange;
  /** 1 in the brain, on the source's grid in axial order [K, rows, columns]. */
  readonly brain: Uint8Array;
  /** What the source's modality holds outside the brain. */
  readonly background: number;
}

/** Voxels were resampled to the recipe's pixels and slices; undone by resampling from `slice` to `native`. */
export interface ResampleStep {
  readonly kind: 'resample';
  readonly rows: AxisChange;
  readonly columns: AxisChange;
  readonly slices: AxisChange;
}

/** What was done to a volume, in order, each step with what its inverse needs. */
export interface PreparationRecord {
  readonly recipe: CompleteRecipe;
  readonly steps: readonly [OrientStep, NormaliseStep, ResampleStep];
}

/** The intensities of the prepared volume that became 0 and 1. */
export function preparedRange(record: PreparationRecord): ValueRange {
  return record.steps[1].range;
}

/** How large the body of the prepared volume is, on its source's grid. */
export function preparedBody({ steps: [orient, scale] }: PreparationRecord): ForegroundMeasures {
  const { size, sourceAxis } = orient.order;
  const spacing = spacingOf(orient.affineVoxelToWorld);
  const [across, down, along] = sourceAxis;
  return measureForeground(scale.brain, size, [spacing[across]!, spacing[down]!, spacing[along]!]);
}
