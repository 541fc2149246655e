/** Names of the starting points of a segmentation configuration. */
export const segmenterPresetNames = ['small', 'tiny'] as const;
