/** Every how many-th slice is judged unless said otherwise. */
export const defaultSliceStep = 4;
/** Width of the ring around the tumour unless said otherwise: about as far as oedema's edge is drawn differently. */
export const defaultRingWidthMm = 10;
