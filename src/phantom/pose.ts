import type { Anatomy } from './anatomy.js';
import { Sampler } from './grid.js';

/** Where a point of the patient's head lies in the average head. */
interface Pose {
  /** Canonical head coordinates, millimetres. */
  x: number;
  y: number;
  z: number;
  /** Depth below the stripped surface, millimetres; the skull does not yield, so the tumour has no part in it. */
  brainDepth: number;
  /** 1 far from the tumour, towards 0 where it presses the sulci shut. */
  effacement: number;
}

/**
 * Prepares the way from the patient to the average head: turn and scale, smooth individual warp, and back along the
 * push of the tumour. The returned record is overwritten by the next call.
 */
export function createPose(anatomy: Anatomy): (x: number, y: number, z: number) => Pose {
  const { head, cranium, tumour } = anatomy;
  const warpSampler = new Sampler(head.warpGrid);
  const craniumSampler = new Sampler(cranium.grid);
  const [wx, wy, wz] = head.warp;
  const [sx, sy, sz] = head.scale;
  const matrix = turnMatrix(head.turn[0], head.turn[1], head.turn[2]);
  const pivot = { y: -17, z: 4 };
  const pose: Pose = { x: 0, y: 0, z: 0, brainDepth: 0, effacement: 1 };
  const [tx, ty, tz] = tumour.centre;
  /** Length over which the push dies away, millimetres. */
  const fadeMm = 24;

  return (x, y, z) => {
    const [px, py, pz] = [x, y - pivot.y, z - pivot.z];
    warpSampler.moveTo(x, y, z);
    const nx = (matrix[0]! * px + matrix[1]! * py + matrix[2]! * pz) / sx + warpSampler.read(wx);
    const ny = (matrix[3]! * px + matrix[4]! * py + matrix[5]! * pz) / sy + pivot.y + warpSampler.read(wy);
    const nz = (matrix[6]! * px + matrix[7]! * py + matrix[8]! * pz) / sz + pivot.z + warpSampler.read(wz);
    craniumSampler.moveTo(nx, ny, nz);
    pose.brainDepth = craniumSampler.read(cranium.brain) + head.marginMm;
    if (pose.brainDepth <= 0) return pose;

    const [dx, dy, dz] = [x - tx, y - ty, z - tz];
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
    const fade = Math.exp(-Math.max(0, distance - tumour.radiusMm) / fadeMm);
    // Near the skull nothing can give way outward.
    const room = Math.min(1, pose.brainDepth / 20);
    const push = (tumour.pushMm * fade * room * Math.min(1, distance / (0.5 * tumour.radiusMm))) / distance;
    pose.x = nx - push * dx;
    pose.y = ny - push * dy;
    pose.z = nz - push * dz;
    pose.effacement = 1 - 0.85 * fade * Math.min(1, tumour.pushMm / 6);
    return pose;
  };
}

/** Rotation matrix Rz Ry Rx, rows outermost; angles in radians. */
function turnMatrix(nod: number, tilt: number, yaw: number): readonly number[] {
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(nod),
    Math.sin(nod),
    Math.cos(tilt),
    Math.sin(tilt),
    Math.cos(yaw),
    Math.sin(yaw),
  ];
  return [
    cc * cb,
    cc * sb * sa - sc * ca,
    cc * sb * ca + sc * sa,
    sc * cb,
    sc * sb * sa + cc * ca,
    sc * sb * ca - cc * sa,
    -sb,
    cb * sa,
    cb * ca,
  ];
}
