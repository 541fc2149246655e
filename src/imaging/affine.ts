/** Three numbers along the voxel axes i, j, k (or along x, y, z of the world). */
export type Triple = readonly [number, number, number];

/** A 4×4 matrix, rows outermost, last row 0 0 0 1. Maps voxel indices (i, j, k, 1) to world millimetres (RAS+). */
export type Affine = readonly number[];
