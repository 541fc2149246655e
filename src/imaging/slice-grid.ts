import type { PreparedVolume } from './prepare.js';

/** The grid of slices [K, rows, columns]. */
export interface SliceGrid {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  /** Distances between neighbouring slices, rows and columns, millimetres. */
  readonly spacingMm: { readonly slices: number; readonly rows: number; readonly columns: number };
}

/** The grid of prepared slices, for what is measured on masks. */
export function sliceGridOf({
  count,
  side,
  record,
}: Pick<PreparedVolume, 'count' | 'side' | 'record'>): SliceGrid {
  const [, , { rows, columns, slices }] = record.steps;
  const spacingMm = {
    slices: slices.slice.spacingMm,
    rows: rows.slice.spacingMm,
    columns: columns.slice.spacingMm,
  };
  return { slices: count, rows: side, columns: side, spacingMm };
}
