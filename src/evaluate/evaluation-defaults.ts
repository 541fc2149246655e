/** Every how many-th slice is evaluated unless said otherwise. */
export const defaultSliceStep = 4;
/** Width of the ring around the tumour unless said otherwise: about as far as oedema's edge is drawn differently. */
export const defaultRingWidthMm = 10;
/** Features are held until all patients are evaluated: of so many slices in each direction. */
const mostFeatureSlices = 500;

/** How many slices of each patient features may be taken of, so that all together stay within bounds. */
export function featureSlicesOf(patients: number): number {
  return Math.max(1, Math.floor(mostFeatureSlices / Math.max(1, patients)));
}
