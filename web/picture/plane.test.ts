import { describe, expect, it } from 'vitest';
import { fitPlane, pointOf, voxelUnder } from './fit.js';
import { cutPlane, gridVoxel, type Plane, placeOf, planeAxes, planes, showGrid } from './plane.js';

const size = [2, 3, 4] as const;
/** x grows to the right, y to the front, z to the top: columns and rows of the axial order run against it. */
const rightFrontTop = { size, affineVoxelToWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
/** The first axis runs upwards, the second to the left, the third to the back. */
const upLeftBack = { size, affineVoxelToWorld: [0, -2, 0, 0, 0, 0, -3, 0, 5, 0, 0, 0, 0, 0, 0, 1] };
const counting = Float32Array.from({ length: 24 }, (_, i) => i);

function cutOf(grid: Parameters<typeof showGrid>[0], plane: Plane, index: number): number[] {
  const shown = showGrid(grid);
  const { x, y } = planeAxes[plane];
  const out = new Float32Array(shown.size[x] * shown.size[y]);
  cutPlane(counting, shown, plane, index, out);
  return [...out];
}

describe('a plane', () => {
  it('shows the patient’s right on the left, the nose and the top of the head up', () => {
    // Voxel (i, j, k) holds i + 2 j + 6 k; right is the largest i, front the largest j, top the largest k.
    expect(cutOf(rightFrontTop, 'axial', 0)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(cutOf(rightFrontTop, 'coronal', 0)).toEqual([23, 22, 17, 16, 11, 10, 5, 4]);
    expect(cutOf(rightFrontTop, 'sagittal', 0)).toEqual([23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1]);
  });

  it('finds its axes in any order of the file', () => {
    const shown = showGrid(upLeftBack);
    expect([shown.size, shown.spacingMm]).toEqual([
      [3, 4, 2],
      [2, 3, 5],
    ]);
    // Columns run along j (2 apart), rows along k (6 apart).
    expect(cutOf(upLeftBack, 'axial', 1)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
  });

  it.each([rightFrontTop, upLeftBack])('names the same voxel by place and by index', (grid) => {
    const shown = showGrid(grid);
    const voxel = [1, 2, 0] as const;
    const [i, j, k] = gridVoxel(shown, voxel);
    expect(placeOf(shown, voxel)).toBe(i + size[0] * (j + size[1] * k));
  });

  it.each(planes)('takes a %s point for the voxel that is drawn there', (plane) => {
    const shown = showGrid({
      size: [20, 30, 10],
      affineVoxelToWorld: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
    });
    const box = { first: [2, 3, 1], last: [17, 26, 8] } as const;
    const fit = fitPlane(plane, shown, box, { factor: 1.5, moveMm: [3, -4, 5] }, 300, 200);
    const voxel = [7, 11, 4] as const;
    const point = pointOf(plane, shown, fit, voxel);
    expect(voxelUnder(plane, shown, fit, point, voxel)).toEqual(voxel);
    const half = [point[0] + 0.49 * fit.scaleX, point[1] - 0.49 * fit.scaleY] as const;
    expect(voxelUnder(plane, shown, fit, half, voxel)).toEqual(voxel);
    const outside = voxelUnder(plane, shown, fit, [-1e6, 1e6], voxel);
    const { x, y, flipped } = planeAxes[plane];
    expect([outside[x], outside[y]]).toEqual([0, flipped ? 0 : shown.size[y] - 1]);
  });

  it('keeps the shape of the head, with the whole of it inside', () => {
    const shown = showGrid({
      size: [20, 30, 10],
      affineVoxelToWorld: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
    });
    const box = { first: [2, 3, 1], last: [17, 26, 8] } as const;
    const fit = fitPlane('coronal', shown, box, { factor: 1, moveMm: [0, 0, 0] }, 300, 200);
    expect(fit.scaleY / fit.scaleX).toBeCloseTo(3, 10);
    const corners = [box.first, box.last].map((voxel) => pointOf('coronal', shown, fit, voxel));
    for (const [px, py] of corners) {
      expect(px).toBeGreaterThan(0);
      expect(px).toBeLessThan(300);
      expect(py).toBeGreaterThan(0);
      expect(py).toBeLessThan(200);
    }
  });
});
