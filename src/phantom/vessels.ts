import { capsuleGroup } from './distances.js';

/** Arteries at the base of the brain: basilar, carotid, middle, anterior and posterior cerebral. Signed distance, mm. */
export const arteries = capsuleGroup([
  { from: [0, -7, -34], to: [0, -8, -15], radius: [1.6, 1.4] },
  { from: [6, 3, -20], to: [7, 3, -15], radius: [1.9, 1.7] },
  { from: [7, 3, -15], to: [36, 4, -13], radius: [1.5, 1.1] },
  { from: [5, 6, -15], to: [1, 12, -10], radius: [1.1, 1] },
  { from: [1, 12, -10], to: [0.8, 36, 4], radius: [1, 0.9] },
  { from: [0.8, 36, 4], to: [0.8, 24, 27], radius: [0.9, 0.7] },
  { from: [2, -9, -14], to: [17, -22, -12], radius: [1.1, 1] },
  { from: [17, -22, -12], to: [13, -40, -2], radius: [1, 0.8] },
]);

/** Veins in the depth: internal cerebral, basal, of Galen, and the straight sinus. Signed distance, mm. */
export const deepVeins = capsuleGroup([
  { from: [1.5, -6, 13], to: [1.2, -34, 14], radius: [0.8, 1.1] },
  { from: [0, -36, 12], to: [0, -42, 7], radius: [1.8, 1.8] },
  { from: [0, -42, 6], to: [0, -93, -18], radius: [1.5, 2] },
  { from: [12, -12, -11], to: [4, -36, 8], radius: [0.8, 1.2] },
]);

/** Sinuses below the skull: sagittal along the crest, transverse and sigmoid along the tentorium's edge. Signed distance, mm. */
export const sinuses = capsuleGroup([
  { from: [0, 52, 48], to: [0, 25, 67], radius: [1, 1.5] },
  { from: [0, 25, 67], to: [0, -15, 73], radius: [1.5, 2.2] },
  { from: [0, -15, 73], to: [0, -55, 65], radius: [2.2, 2.8] },
  { from: [0, -55, 65], to: [0, -88, 40], radius: [2.8, 3.2], stretch: [1.2, 1, 1] },
  { from: [0, -88, 40], to: [0, -102, 12], radius: [3, 2.8], stretch: [1.2, 1, 1] },
  { from: [0, -102, 12], to: [0, -96, -18], radius: [2.8, 2.4], stretch: [1.3, 1, 1] },
  { from: [0, -96, -18], to: [30, -86, -25], radius: [2.3, 2.4] },
  { from: [30, -86, -25], to: [50, -63, -29], radius: [2.8, 3] },
  { from: [50, -63, -29], to: [54, -46, -34], radius: [3, 2.6] },
]);
