import type { Triple } from './volume.js';

/** Visits every voxel that is reached from a start through faces of voxels that pass; marks them in `seen`. */
function flood(
  start: number,
  [ni, nj, nk]: Triple,
  passes: (index: number) => boolean,
  seen: Uint8Array,
  queue: Int32Array,
): number {
  const plane = ni * nj;
  let [head, tail] = [0, 0];
  const add = (index: number): void => {
    if (seen[index] || !passes(index)) return;
    seen[index] = 1;
    queue[tail++] = index;
  };
  add(start);
  while (head < tail) {
    const at = queue[head++]!;
    const i = at % ni;
    const j = Math.floor(at / ni) % nj;
    const k = Math.floor(at / plane);
    if (i > 0) add(at - 1);
    if (i < ni - 1) add(at + 1);
    if (j > 0) add(at - ni);
    if (j < nj - 1) add(at + ni);
    if (k > 0) add(at - plane);
    if (k < nk - 1) add(at + plane);
  }
  return tail;
}

/** The largest part of a mask whose voxels touch with their faces, with its holes filled; the same mask if empty. */
export function largestWithoutHoles(mask: Uint8Array, size: Triple): Uint8Array {
  const seen = new Uint8Array(mask.length);
  const queue = new Int32Array(mask.length);
  let [largest, voxels] = [-1, 0];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || seen[start]) continue;
    const count = flood(start, size, (i) => mask[i] === 1, seen, queue);
    if (count > voxels) [largest, voxels] = [start, count];
  }
  if (largest < 0) return mask;
  const part = new Uint8Array(mask.length);
  flood(largest, size, (i) => mask[i] === 1, part, queue);
  return outside(part, size, queue).map((open) => 1 - open);
}

/**
 * A mask with the background that it encloses on all sides; the same mask where it encloses none.
 *
 * Background that a straight line along an axis joins with the border is open, and what touches open background is. The
 * few voxels that are left are looked at one by one, so that this takes a fraction of a flood from the border.
 */
export function withoutHoles(mask: Uint8Array, size: Triple): Uint8Array {
  const open = seenFromBorder(mask, size);
  const [ni, nj, nk] = size;
  const plane = ni * nj;
  const hidden: number[] = [];
  for (let at = 0; at < mask.length; at++) if (!mask[at] && !open[at]) hidden.push(at);
  const reached: number[] = [];
  const reach = (at: number): void => {
    if (mask[at] || open[at]) return;
    open[at] = 1;
    reached.push(at);
  };
  const around = (at: number, visit: (index: number) => void): void => {
    const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / plane)];
    if (i > 0) visit(at - 1);
    if (i < ni - 1) visit(at + 1);
    if (j > 0) visit(at - ni);
    if (j < nj - 1) visit(at + ni);
    if (k > 0) visit(at - plane);
    if (k < nk - 1) visit(at + plane);
  };
  for (const at of hidden) {
    around(at, (beside) => {
      if (open[beside]) reach(at);
    });
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) around(next, reach);
  }
  const holes = hidden.filter((at) => !open[at]);
  if (holes.length === 0) return mask;
  const filled = mask.slice();
  for (const at of holes) filled[at] = 1;
  return filled;
}

/** 1 for background that is seen from a side of the grid along its axis. */
function seenFromBorder(mask: Uint8Array, [ni, nj, nk]: Triple): Uint8Array {
  const open = new Uint8Array(mask.length);
  const sweep = (start: number, step: number, count: number): void => {
    const end = start + step * (count - 1);
    for (let n = 0, at = start; n < count && !mask[at]; n++, at += step) open[at] = 1;
    for (let n = 0, at = end; n < count && !mask[at]; n++, at -= step) open[at] = 1;
  };
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) sweep(ni * (j + nj * k), 1, ni);
    for (let i = 0; i < ni; i++) sweep(i + ni * nj * k, ni, nj);
  }
  for (let at = 0; at < ni * nj; at++) sweep(at, ni * nj, nk);
  return open;
}

/** 1 for background that reaches the border of the grid. */
function outside(mask: Uint8Array, size: Triple, queue: Int32Array): Uint8Array {
  const [ni, nj, nk] = size;
  const open = new Uint8Array(mask.length);
  const start = (i: number, j: number, k: number): void => {
    flood(i + ni * (j + nj * k), size, (at) => mask[at] === 0, open, queue);
  };
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const edge = k === 0 || k === nk - 1 || j === 0 || j === nj - 1;
      for (let i = 0; i < ni; i += edge ? 1 : Math.max(1, ni - 1)) start(i, j, k);
    }
  return open;
}
