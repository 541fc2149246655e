/** Names of the starting points of a training configuration. */
export const presetNames = ['paper', 'small', 'pairs', 'tiny'] as const;
