import { closestAxes } from './geometry.js';
import type { Affine, Triple } from './volume.js';

/**
 * How a volume's axes are exchanged and mirrored to lie in axial LPS order: columns grow to the patient's
 * left, rows to the back, slices to the top. Voxels are moved, never mixed; the inverse is exact.
 */
export interface AxialOrder {
  /** Voxels along i, j, k before. */
  readonly sourceSize: Triple;
  /** Columns, rows, slices after. */
  readonly size: Triple;
  /** For columns, rows, slices: the source axis that becomes it. */
  readonly sourceAxis: Triple;
  /** For columns, rows, slices: whether it runs against the source axis. */
  readonly mirrored: readonly [boolean, boolean, boolean];
}

/** Direction wanted of the axis along x, y, z: to L, to P, to S. @source DICOM PS3.3 C.7.6.2.1.1, axial. */
const wantedDirection = [-1, -1, 1] as const;

/** The axial order of a grid; an oblique grid keeps its own planes and takes the nearest axes. */
export function axialOrderOf(size: Triple, affine: Affine): AxialOrder {
  const { worldAxis, direction } = closestAxes(affine);
  const along = ([0, 1, 2] as const).map((world) => worldAxis.indexOf(world)) as [number, number, number];
  const mirrored = ([0, 1, 2] as const).map((world) => direction[along[world]!] !== wantedDirection[world]);
  return {
    sourceSize: size,
    size: [size[along[0]]!, size[along[1]]!, size[along[2]]!],
    sourceAxis: along,
    mirrored: mirrored as [boolean, boolean, boolean],
  };
}

/**
 * Moves voxels into axial order.
 *
 * @param data values with i running fastest
 * @returns values with columns running fastest, then rows, then slices; the same array when nothing moves
 */
export function toAxial<T extends Float32Array | Uint8Array>(data: T, order: AxialOrder): T {
  if (isIdentity(order)) return data;
  const out = data.slice() as T;
  forEachPair(order, (axial, source) => {
    out[axial] = data[source]!;
  });
  return out;
}

/** The inverse of {@link toAxial}. */
export function fromAxial<T extends Float32Array | Uint8Array>(data: T, order: AxialOrder): T {
  if (isIdentity(order)) return data;
  const out = data.slice() as T;
  forEachPair(order, (axial, source) => {
    out[source] = data[axial]!;
  });
  return out;
}

function isIdentity(order: AxialOrder): boolean {
  return order.sourceAxis.every((axis, index) => axis === index) && !order.mirrored.includes(true);
}

function forEachPair(order: AxialOrder, visit: (axial: number, source: number) => void): void {
  const { size, sourceSize, sourceAxis, mirrored } = order;
  const sourceStride = [1, sourceSize[0], sourceSize[0] * sourceSize[1]];
  const step = sourceAxis.map((axis, index) => sourceStride[axis]! * (mirrored[index] ? -1 : 1)) as [
    number,
    number,
    number,
  ];
  const start = step.reduce((sum, stride, index) => sum + (stride < 0 ? -stride * (size[index]! - 1) : 0), 0);
  let axial = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let row = 0; row < size[1]; row++) {
      let source = start + k * step[2] + row * step[1];
      for (let column = 0; column < size[0]; column++) {
        visit(axial++, source);
        source += step[0];
      }
    }
  }
}
