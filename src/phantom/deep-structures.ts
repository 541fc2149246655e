import { capsuleGroup } from './distances.js';

/**
 * Structures inside the hemispheres as groups of tapered capsules in head coordinates, x from the middle plane outward.
 * Each is a function to the signed distance in millimetres, negative inside.
 *
 * @source Positions read off the atlas of Talairach and Tournoux (1988) and rounded.
 */

/** Lateral ventricle: frontal horn, body, atrium, occipital and temporal horn. */
export const lateralVentricle = capsuleGroup([
  { from: [4.5, 3, 11], to: [11, 27, 6], radius: [2, 2.6], stretch: [1, 1, 2.4] },
  { from: [5, 5, 13], to: [13, -26, 19], radius: [2.2, 2.8], stretch: [1.9, 1, 1.5] },
  { from: [14, -27, 18], to: [23, -42, 9], radius: [3, 4.6], stretch: [1, 1, 1.3] },
  { from: [23, -43, 7], to: [22, -70, 3], radius: [4.2, 0.8], stretch: [0.9, 1, 1.5] },
  { from: [24, -40, 4], to: [33, -27, -9], radius: [3.2, 1.6] },
  { from: [33, -27, -9], to: [31, -8, -19], radius: [1.6, 1.2], stretch: [1.5, 1, 1] },
]);

/** Third ventricle, aqueduct and fourth ventricle. */
export const middleVentricles = capsuleGroup([
  { from: [0, 0, -3], to: [0, -24, 1], radius: [1.2, 1.3], stretch: [1, 1, 6.5] },
  { from: [0, -25, -5], to: [0, -35, -19], radius: [0.9, 1] },
  { from: [0, -36, -22], to: [0, -43, -38], radius: [2.6, 2.4], stretch: [2, 1.2, 1.2] },
  { from: [0, -42, -30], to: [0, -48, -31], radius: [3, 1.2], stretch: [1.3, 1, 1.6] },
]);

/** Caudate nucleus (head, body) and putamen. */
export const striatum = capsuleGroup([
  { from: [11.5, 21, 2], to: [14.5, 7, 10], radius: [5, 4.8], stretch: [1, 1, 1.5] },
  { from: [15.5, 5, 14], to: [19.5, -20, 20], radius: [3.4, 2.2] },
  { from: [20.5, 15, -1], to: [29, -15, 3], radius: [4.2, 3], stretch: [1, 1, 2.2] },
]);

/** Globus pallidus, red nucleus, substantia nigra: rich in iron. */
export const pallidum = capsuleGroup([
  { from: [16.5, 3, -2], to: [22.5, -9, 1], radius: [3.4, 2.4], stretch: [1, 1, 1.8] },
  { from: [5, -20, -8], to: [5, -20, -9], radius: [2.8, 2.8] },
  { from: [8.5, -15, -12], to: [13.5, -20, -9], radius: [1.7, 1.5] },
]);

/** Thalamus. */
export const thalamus = capsuleGroup([
  { from: [6.5, -8, 6], to: [14, -25, 8], radius: [5.2, 7.2], stretch: [1, 1, 1.15] },
]);

/** Hippocampus, amygdala and the dentate nucleus of the cerebellum. */
export const medialGrey = capsuleGroup([
  { from: [22, -2, -19], to: [24, -7, -20], radius: [7, 5.5] },
  { from: [25, -10, -19], to: [27, -36, -3], radius: [4.8, 3.4] },
  { from: [11, -55, -33], to: [17, -57, -36], radius: [3.6, 2.8] },
]);

/** Choroid plexus: tufts in the atrium, along the body's floor and in the fourth ventricle. */
export const choroidPlexus = capsuleGroup([
  { from: [21, -37, 10], to: [24, -45, 6], radius: [2, 2.6], stretch: [0.8, 1, 1.2] },
  { from: [8, -10, 13], to: [14, -28, 15], radius: [1, 1.3] },
  { from: [2, -44, -33], to: [5, -43, -36], radius: [1.1, 1.1] },
]);

/** Corpus callosum as a rope of the middle plane, wide enough to reach both hemispheres' white matter. */
export const corpusCallosum = capsuleGroup([
  { from: [0, 9, -4], to: [0, 25, -2], radius: [1.6, 3], stretch: [9, 1, 1] },
  { from: [0, 25, -2], to: [0, 31, 8], radius: [3, 4.4], stretch: [5, 1, 1] },
  { from: [0, 31, 8], to: [0, 22, 20], radius: [4.4, 3.4], stretch: [5, 1, 1] },
  { from: [0, 22, 20], to: [0, 2, 25.5], radius: [3.4, 2.8], stretch: [6, 1, 1] },
  { from: [0, 2, 25.5], to: [0, -20, 25.5], radius: [2.8, 2.4], stretch: [6, 1, 1] },
  { from: [0, -20, 25.5], to: [0, -35, 18], radius: [2.4, 4], stretch: [5, 1, 1] },
  { from: [0, -35, 18], to: [0, -38, 11], radius: [4, 4.4], stretch: [5, 1, 1] },
]);

/**
 * Region without a cleft in the middle plane (callosum and all below it down to the midbrain): signed distance of
 * its outline at (y, z), millimetres, positive outside.
 */
export const bridgeOutline = (() => {
  const group = capsuleGroup(
    [
      { from: [0, 25, -1], to: [0, 31, 8], radius: [4, 4.4] },
      { from: [0, 31, 8], to: [0, 22, 20], radius: [4.4, 3.4] },
      { from: [0, 22, 20], to: [0, -20, 25.5], radius: [3.4, 2.4] },
      { from: [0, -20, 25.5], to: [0, -38, 12], radius: [2.4, 4.4] },
      { from: [0, 24, 9], to: [0, -30, 14], radius: [7, 6] },
      { from: [0, 12, 6], to: [0, -24, 4], radius: [12, 16] },
    ],
    24,
  );
  return (y: number, z: number): number => group(0, y, z);
})();

/** Distance in millimetres to the cleft between the hemispheres, which ends at the callosum. */
export function cleftDistance(x: number, y: number, z: number): number {
  const outside = bridgeOutline(y, z);
  return outside >= 0 ? Math.abs(x) : Math.sqrt(x * x + outside * outside);
}

/** Distance in millimetres to the cingulate sulcus, which follows the callosum on the inner face of each half. */
export function cingulateDistance(a: number, y: number, z: number, waviness: number): number {
  if (a > 14 || z < -6 || y < -48) return Infinity;
  const [beside, below] = [bridgeOutline(y, z) - 11 - waviness, Math.max(0, a - 8)];
  return Math.sqrt(beside * beside + below * below);
}

/** Distance in millimetres to the Sylvian fissure: a cleft from the side, opening above the insula into an upright one. */
export function sylvianDistance(a: number, y: number, z: number, waviness: number): number {
  if (a < 24 || y < -52 || y > 36 || z < -40 || z > 40) return Infinity;
  const height = -9 - 0.42 * (y - 18) + waviness;
  const rise = (z - height - 0.12 * (a - 36)) * 0.92;
  const beyond = Math.max(0, -36 - y);
  const within = Math.max(0, 36 - a);
  const cleft = Math.sqrt(rise * rise + within * within + beyond * beyond);
  const insula = 36.5 - 0.006 * (y - 2) ** 2 + 0.05 * (z - height) + 0.4 * waviness;
  const [aside, over, along] = [
    a - insula,
    Math.max(0, z - height - 14, height - 13 - z),
    Math.max(0, y - 20, -20 - y),
  ];
  const upright = Math.sqrt(aside * aside + over * over + along * along);
  return Math.min(cleft, upright);
}
