/**
 * Rates, update frequency, averaging and variations of slices: `common`, those of the preset for every row; `published`, those
 * of each row's own publication, and those of the preset for what is ours.
 */
export const schedules = ['common', 'published'] as const;

/** See {@link schedules}. */
export type Schedule = (typeof schedules)[number];
