import { blur } from './blur.js';
import { distanceTo, signedDepth, whereAbove } from './distance.js';
import { capsuleGroup, ellipsoidDistance, smoothMax, smoothMin, smoothStep } from './distances.js';
import { fillField, type Grid } from './grid.js';
import { sinuses } from './vessels.js';

/** The large envelopes of an average head, as depths (millimetres, positive inside) on one canonical grid. */
export interface Cranium {
  readonly grid: Grid;
  /** Depth below the smooth envelope that touches the crowns of the gyri. */
  readonly cerebrum: Float32Array;
  /** Depth below the cerebellum's surface. */
  readonly cerebellum: Float32Array;
  /** Depth below the brain stem's surface. */
  readonly stem: Float32Array;
  /** Depth below the surface that skull stripping leaves. */
  readonly brain: Float32Array;
}

/** Height of the tentorium, the sheet between cerebrum and cerebellum, at head coordinates x and y. */
export function tentoriumHeight(x: number, y: number): number {
  return 5 + 0.43 * (y + 38) - 0.34 * Math.sqrt(x * x + 16);
}

const temporalLobe = capsuleGroup([
  { from: [38, 5, -29], to: [47, -42, -12], radius: [17, 16], stretch: [1, 1, 1] },
  { from: [25, 1, -24], to: [26, -32, -13], radius: [12.5, 10] },
  { from: [26, -32, -13], to: [24, -52, -3], radius: [10, 8] },
]);

const stemShape = capsuleGroup(
  [
    { from: [8, -17, -2], to: [7, -20, -15], radius: [10, 9.5] },
    { from: [3, -25, -4], to: [3, -27, -15], radius: [9, 8.5] },
    { from: [5, -21, -24], to: [4, -22, -31], radius: [12.5, 12], stretch: [1.15, 0.95, 1] },
    { from: [0, -28, -40], to: [0, -38, -70], radius: [9, 6.5], stretch: [1.15, 1, 1] },
    { from: [13, -28, -29], to: [25, -48, -34], radius: [7, 8] },
  ],
  24,
);

/** Draws the envelopes on a grid; the same for every patient, so callers may keep the result. */
export function drawCranium(grid: Grid): Cranium {
  const envelope = fillField(grid, (x, y, z) => (inCerebrum(Math.abs(x), y, z) ? 1 : -1));
  const rough = signedDepth(whereAbove(envelope, 0), grid);
  const sigma = 3 / grid.spacingMm;
  const cerebrum = blur(rough, grid.size, [sigma, sigma, sigma]);
  const cerebellum = fillField(grid, (x, y, z) => cerebellumDepth(Math.abs(x), y, z));
  const stem = fillField(grid, (x, y, z) => -stemShape(Math.abs(x), y, z));
  const sinus = fillField(grid, (x, y, z) => -sinuses(Math.abs(x), y, z));
  const parts = cerebrum.map((depth, index) => Math.max(depth, cerebellum[index]!, stem[index]!));
  const closed = closeGaps(parts, grid, 9);
  const brain = closed.map((depth, index) => Math.max(depth, sinus[index]! + 0.3));
  return { grid, cerebrum, cerebellum, stem, brain };
}

/** Fills clefts narrower than twice `reachMm` (a morphological closing) and returns the depth below the result. */
function closeGaps(depth: Float32Array, grid: Grid, reachMm: number): Float32Array {
  const away = distanceTo(whereAbove(depth, 0), grid).map((value) => -value);
  const grown = whereAbove(away, -reachMm);
  const back = signedDepth(grown, grid).map((value) => value - reachMm);
  const sigma = 2 / grid.spacingMm;
  const smooth = blur(back, grid.size, [sigma, sigma, sigma]);
  return smooth.map((value, index) => Math.max(value, depth[index]!));
}

function inCerebrum(a: number, y: number, z: number): boolean {
  const dy = y + 17;
  const dz = z - 12;
  const egg =
    (a / (68 * (1 - 0.0016 * Math.max(0, y + 10)))) ** 2.2 +
      Math.abs(dy / 86) ** 2.15 +
      Math.abs(dz / (dz > 0 ? 60 : 70)) ** 2.2 <
    1;
  // Orbital surface in front, straight gyrus near the middle, hypothalamus, tentorium behind.
  const orbital = -19 - 7 * Math.exp(-((a / 13) ** 2)) + 0.012 * Math.max(0, y - 20) ** 2;
  const middle = -12 - 10 * smoothStep(8, 26, a);
  const floor = y > 8 ? orbital : y > -34 ? middle : tentoriumHeight(a, y) + 1.5;
  return (egg && z > floor) || temporalLobe(a, y, z) < 0;
}

function cerebellumDepth(a: number, y: number, z: number): number {
  const hemisphere = ellipsoidDistance(a, y, z, [25, -61, -34], [29, 28, 30]);
  const vermis = ellipsoidDistance(a, y, z, [0, -58, -26], [17, 26, 30]);
  const culmen = ellipsoidDistance(a, y, z, [0, -49, -11], [15, 13, 15]);
  const whole = smoothMin(smoothMin(hemisphere, vermis, 7), culmen, 5);
  return -smoothMax(whole, (z - tentoriumHeight(a, y) + 1) * 0.85, 3);
}
