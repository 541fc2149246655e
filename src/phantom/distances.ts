import type { Triple } from '../imaging/volume.js';

/**
 * A tapered capsule: a thick line from one point to another, its radius going evenly from `radius[0]` to `radius[1]`,
 * stretched along the axes by `stretch`. Head coordinates; x counts from the middle plane, so one shape serves both
 * halves.
 */
interface Capsule {
  readonly from: Triple;
  readonly to: Triple;
  readonly radius: readonly [number, number];
  readonly stretch?: Triple;
}

/**
 * Prepares a group of capsules; the result gives the signed distance to their union, millimetres,
 * negative inside.
 *
 * @param reachMm distances beyond this are reported as this; small is quick
 */
export function capsuleGroup(
  capsules: readonly Capsule[],
  reachMm = 5,
): (x: number, y: number, z: number) => number {
  const count = capsules.length;
  const box = new Float64Array(count * 6);
  const form = new Float64Array(count * 12);
  capsules.forEach((capsule, index) => {
    const stretch = capsule.stretch ?? [1, 1, 1];
    const widest = Math.max(...capsule.radius);
    for (let axis = 0; axis < 3; axis++) {
      const [a, b] = [capsule.from[axis]!, capsule.to[axis]!];
      const margin = widest * stretch[axis]! + reachMm;
      box[index * 6 + axis] = Math.min(a, b) - margin;
      box[index * 6 + 3 + axis] = Math.max(a, b) + margin;
      form[index * 12 + axis] = a / stretch[axis]!;
      form[index * 12 + 3 + axis] = (b - a) / stretch[axis]!;
      form[index * 12 + 6 + axis] = 1 / stretch[axis]!;
    }
    const [dx, dy, dz] = [form[index * 12 + 3]!, form[index * 12 + 4]!, form[index * 12 + 5]!];
    form[index * 12 + 9] = 1 / Math.max(dx * dx + dy * dy + dz * dz, 1e-9);
    form[index * 12 + 10] = capsule.radius[0];
    form[index * 12 + 11] = capsule.radius[1] - capsule.radius[0];
  });
  return (x, y, z) => {
    let nearest = reachMm;
    for (let b = 0, f = 0; b < box.length; b += 6, f += 12) {
      if (
        x < box[b]! ||
        x > box[b + 3]! ||
        y < box[b + 1]! ||
        y > box[b + 4]! ||
        z < box[b + 2]! ||
        z > box[b + 5]!
      )
        continue;
      const px = x * form[f + 6]! - form[f]!;
      const py = y * form[f + 7]! - form[f + 1]!;
      const pz = z * form[f + 8]! - form[f + 2]!;
      const [dx, dy, dz] = [form[f + 3]!, form[f + 4]!, form[f + 5]!];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy + pz * dz) * form[f + 9]!));
      const [qx, qy, qz] = [px - along * dx, py - along * dy, pz - along * dz];
      const length = Math.sqrt(qx * qx + qy * qy + qz * qz);
      // Stretched space: a step along the direction of q is longer by the stretch in that direction.
      const [sx, sy, sz] = [qx / form[f + 6]!, qy / form[f + 7]!, qz / form[f + 8]!];
      const scale = length > 1e-6 ? Math.sqrt(sx * sx + sy * sy + sz * sz) / length : 1;
      nearest = Math.min(nearest, (length - form[f + 10]! - along * form[f + 11]!) * scale);
    }
    return nearest;
  };
}

/** Rough signed distance to an ellipsoid, millimetres, negative inside; good near the surface. */
export function ellipsoidDistance(x: number, y: number, z: number, centre: Triple, radii: Triple): number {
  const [u, v, w] = [(x - centre[0]) / radii[0], (y - centre[1]) / radii[1], (z - centre[2]) / radii[2]];
  const value = Math.sqrt(u * u + v * v + w * w);
  const slope = Math.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2 + (w / radii[2]) ** 2);
  // First order: f / |∇f| with f = |p/r| − 1.
  return slope < 1e-9 ? -Math.min(...radii) : ((value - 1) * value) / slope;
}

/** Minimum with a rounded corner of about `k`. */
export function smoothMin(a: number, b: number, k: number): number {
  const h = Math.max(k - Math.abs(a - b), 0) / k;
  return Math.min(a, b) - 0.25 * h * h * k;
}

/** Maximum with a rounded corner of about `k`. */
export function smoothMax(a: number, b: number, k: number): number {
  return -smoothMin(-a, -b, k);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
