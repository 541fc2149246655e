/** Names of the starting points of a training configuration. */
export const presetNames = ['paper', 'small', 'pairs', 'any-source', 'tiny'] as const;
