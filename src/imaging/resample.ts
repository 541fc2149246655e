/** Pixels along one axis, laid out from `startMm` with equal spacing. */
interface AxisGrid {
  readonly count: number;
  readonly spacingMm: number;
  /** Where the first pixel begins (its edge, not its centre). */
  readonly startMm: number;
}

/** An axis before (`native`) and after (`slice`) resampling, laid out in the same millimetres. */
export interface AxisChange {
  readonly native: AxisGrid;
  readonly slice: AxisGrid;
}

/** For each pixel of the new grid: which pixels of the old grid it is made of, and how much of each. */
interface AxisWeights {
  readonly from: number;
  readonly to: number;
  /** First old pixel of each new one. */
  readonly first: Int32Array;
  /** Where each new pixel's weights begin in `weights`; one entry more than new pixels. */
  readonly begin: Int32Array;
  readonly weights: Float64Array;
}

/** Headers store spacings in single precision; this much, in millimetres, is rounding. */
const spacingRounding = 1e-5;
/** Shares of a pixel below this are rounding, not overlap. */
const smallestShare = 1e-6;

/** A pixel belongs to the brain, or to the tumour, when at least half of it does; the margin is for rounding. */
export const halfCovered = 0.5 - 1e-5;

/**
 * Lays out the native pixels of an axis and the `side` pixels of the slice around one centre.
 *
 * Where the native pixels are the finer ones their edges are moved, by at most half of one, onto the edges of
 * the slice's pixels: a slice pixel is then the plain mean of whole native pixels whenever the spacings allow.
 *
 * @param centre what lies in the middle, counted in native pixels from the first one's edge
 */
export function centredGrids(
  nativeCount: number,
  nativeSpacingMm: number,
  side: number,
  fieldOfViewMm: number,
  centre = nativeCount / 2,
): AxisChange {
  const spacingMm = withoutRounding(nativeSpacingMm);
  const pixelMm = fieldOfViewMm / side;
  const centred = (fieldOfViewMm - 2 * centre * spacingMm) / 2;
  const startMm = spacingMm <= pixelMm ? Math.round(centred / spacingMm) * spacingMm : centred;
  return {
    native: { count: nativeCount, spacingMm, startMm },
    slice: { count: side, spacingMm: pixelMm, startMm: 0 },
  };
}

/** The same axis before and after: nothing is resampled. */
export function keptGrids(count: number, spacingMm: number): AxisChange {
  const grid = { count, spacingMm: withoutRounding(spacingMm), startMm: 0 };
  return { native: grid, slice: grid };
}

/** Whether an axis is left as it is. */
export function isKept({ native, slice }: AxisChange): boolean {
  return (
    native.count === slice.count && native.spacingMm === slice.spacingMm && native.startMm === slice.startMm
  );
}

function withoutRounding(spacingMm: number): number {
  return Math.round(spacingMm / spacingRounding) * spacingRounding || spacingMm;
}

/**
 * The weights from one grid to another: the share of each old pixel in the area of the new one where the new
 * pixels are larger or equal, linear interpolation between old centres where they are smaller.
 * Beyond the old grid everything is 0, so weights there sum to less than 1.
 */
export function axisWeights(from: AxisGrid, to: AxisGrid): AxisWeights {
  const enlarging = to.spacingMm < from.spacingMm * (1 - smallestShare);
  const rows = Array.from({ length: to.count }, (_, index) =>
    enlarging ? linearRow(from, to, index) : areaRow(from, to, index),
  );
  const begin = new Int32Array(to.count + 1);
  rows.forEach((row, index) => {
    begin[index + 1] = begin[index]! + row.weights.length;
  });
  return {
    from: from.count,
    to: to.count,
    first: Int32Array.from(rows, (row) => row.first),
    begin,
    weights: Float64Array.from(rows.flatMap((row) => row.weights)),
  };
}

interface Row {
  readonly first: number;
  readonly weights: readonly number[];
}

function areaRow(from: AxisGrid, to: AxisGrid, index: number): Row {
  // Edges of the new pixel, counted in old pixels.
  const left = (to.startMm + index * to.spacingMm - from.startMm) / from.spacingMm;
  const width = to.spacingMm / from.spacingMm;
  const weights: number[] = [];
  let first = 0;
  for (let old = Math.max(0, Math.floor(left)); old < Math.min(from.count, left + width); old++) {
    const share = (Math.min(old + 1, left + width) - Math.max(old, left)) / width;
    if (share < smallestShare) continue;
    if (weights.length === 0) first = old;
    weights.push(share);
  }
  return { first, weights };
}

function linearRow(from: AxisGrid, to: AxisGrid, index: number): Row {
  // Centre of the new pixel, counted in old centres.
  const position = (to.startMm + (index + 0.5) * to.spacingMm - from.startMm) / from.spacingMm - 0.5;
  if (position < -0.5 - smallestShare || position > from.count - 0.5 + smallestShare) {
    return { first: 0, weights: [] };
  }
  const inside = Math.min(Math.max(position, 0), from.count - 1);
  const first = Math.min(Math.floor(inside), Math.max(from.count - 2, 0));
  const share = inside - first;
  return { first, weights: from.count === 1 ? [1] : [1 - share, share] };
}

/**
 * Resamples every slice along its rows and columns. Where a slice is 0 all around its content, as around a brain,
 * the result is 0 too and nothing is computed.
 *
 * @param data [count, rows.from, columns.from], columns fastest; finite
 * @returns [count, rows.to, columns.to]
 */
export function resampleSlices(
  data: Float32Array | Uint8Array,
  count: number,
  rows: AxisWeights,
  columns: AxisWeights,
): Float32Array {
  const out = new Float32Array(count * rows.to * columns.to);
  const between = new Float64Array(rows.from * columns.to);
  for (let k = 0; k < count; k++) {
    const start = k * rows.from * columns.from;
    const content = contentOf(data, start, rows.from, columns.from);
    if (content === null) continue;
    const across = touched(columns, content.columns);
    between.fill(0);
    resampleColumns(data, start, columns, content.rows, across, between);
    resampleRows(
      between,
      rows,
      touched(rows, content.rows),
      columns.to,
      across,
      out,
      k * rows.to * columns.to,
    );
  }
  return out;
}

/** Indices from `first` to before `end`. */
interface Span {
  readonly first: number;
  readonly end: number;
}

/** The rows and columns that hold anything but 0; null where there are none. */
function contentOf(
  data: Float32Array | Uint8Array,
  start: number,
  height: number,
  width: number,
): Readonly<Record<'rows' | 'columns', Span>> | null {
  let [top, bottom, left, right] = [-1, -1, width, -1];
  for (let row = 0; row < height; row++) {
    const line = start + row * width;
    let first = 0;
    while (first < width && data[line + first] === 0) first++;
    if (first === width) continue;
    // What lies between the sides found so far need not be looked at again.
    let last = width - 1;
    while (last > right && data[line + last] === 0) last--;
    if (top < 0) top = row;
    bottom = row;
    left = Math.min(left, first);
    right = Math.max(right, last);
  }
  return top < 0 ? null : { rows: { first: top, end: bottom + 1 }, columns: { first: left, end: right + 1 } };
}

/** The new pixels that are made of any of these old ones. */
function touched({ first, begin, to }: AxisWeights, old: Span): Span {
  const lastOld = (pixel: number): number => first[pixel]! + begin[pixel + 1]! - begin[pixel]! - 1;
  const reaches = (pixel: number): boolean =>
    begin[pixel + 1]! > begin[pixel]! && first[pixel]! < old.end && lastOld(pixel) >= old.first;
  let from = 0;
  while (from < to && !reaches(from)) from++;
  let end = to;
  while (end > from && !reaches(end - 1)) end--;
  return { first: from, end };
}

/**
 * Resamples a stack of slices across them.
 *
 * @param data [weights.from, pixels], pixels fastest
 * @returns [weights.to, pixels]
 */
export function resampleAcross(data: Float32Array, pixels: number, weights: AxisWeights): Float32Array {
  const out = new Float32Array(weights.to * pixels);
  const sum = new Float64Array(pixels);
  for (let slice = 0; slice < weights.to; slice++) {
    sum.fill(0);
    let source = weights.first[slice]! * pixels;
    for (let w = weights.begin[slice]!; w < weights.begin[slice + 1]!; w++) {
      const share = weights.weights[w]!;
      for (let i = 0; i < pixels; i++) sum[i]! += share * data[source++]!;
    }
    out.set(sum, slice * pixels);
  }
  return out;
}

/** @param lines the rows that hold anything */
function resampleColumns(
  data: Float32Array | Uint8Array,
  start: number,
  { first, begin, weights, from, to }: AxisWeights,
  lines: Span,
  across: Span,
  out: Float64Array,
): void {
  for (let row = lines.first; row < lines.end; row++) {
    for (let column = across.first; column < across.end; column++) {
      let sum = 0;
      let source = start + row * from + first[column]!;
      for (let w = begin[column]!; w < begin[column + 1]!; w++) sum += weights[w]! * data[source++]!;
      out[row * to + column] = sum;
    }
  }
}

function resampleRows(
  data: Float64Array,
  { first, begin, weights }: AxisWeights,
  lines: Span,
  width: number,
  across: Span,
  out: Float32Array,
  start: number,
): void {
  for (let row = lines.first; row < lines.end; row++) {
    for (let column = across.first; column < across.end; column++) {
      let sum = 0;
      let source = first[row]! * width + column;
      for (let w = begin[row]!; w < begin[row + 1]!; w++) {
        sum += weights[w]! * data[source]!;
        source += width;
      }
      out[start + row * width + column] = sum;
    }
  }
}
