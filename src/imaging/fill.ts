import type { Triple } from './volume.js';

/**
 * Gives voxels of the brain that have no value of their own the mean of their neighbours', from the known ones
 * outwards; islands without any known voxel keep what they hold.
 *
 * @param values changed in place; i runs fastest
 * @param brain 1 in the brain; nothing else is read or filled
 * @param isKnown whether a voxel has a value of its own
 */
export function fillFromNeighbours(
  values: Float32Array,
  brain: Uint8Array,
  isKnown: (index: number) => boolean,
  [ni, nj, nk]: Triple,
): void {
  const unknown = new Set<number>();
  for (let i = 0; i < values.length; i++) if (brain[i] && !isKnown(i)) unknown.add(i);
  const plane = ni * nj;
  const meanAround = (at: number): number | undefined => {
    const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / plane)];
    let sum = 0;
    let count = 0;
    const visit = (there: boolean, index: number): void => {
      if (!there || !brain[index] || unknown.has(index)) return;
      sum += values[index]!;
      count++;
    };
    visit(i > 0, at - 1);
    visit(i < ni - 1, at + 1);
    visit(j > 0, at - ni);
    visit(j < nj - 1, at + ni);
    visit(k > 0, at - plane);
    visit(k < nk - 1, at + plane);
    return count === 0 ? undefined : sum / count;
  };
  for (let found = true; found && unknown.size > 0; ) {
    // One layer at a time, so that the result does not depend on the order of the voxels.
    const layer: [number, number][] = [];
    for (const at of unknown) {
      const mean = meanAround(at);
      if (mean !== undefined) layer.push([at, mean]);
    }
    for (const [at, mean] of layer) {
      values[at] = mean;
      unknown.delete(at);
    }
    found = layer.length > 0;
  }
}
