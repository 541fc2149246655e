import { requireArguments } from '../../../base/arguments.js';
import { groupBy } from '../../../base/group-by.js';
import type { Affine, Triple } from '../../volume.js';
import { type DicomFrame, type PlacedFrame, showFrame } from './instance.js';

/** Why frames do not make a volume, in a word that scripts can match. */
type SliceProblemKind =
  | 'too-few-slices'
  | 'no-geometry'
  | 'mixed-sizes'
  | 'mixed-orientation'
  | 'mixed-spacing'
  | 'duplicate-slices'
  | 'missing-slices'
  | 'uneven-slices'
  | 'colour'
  | 'unsupported-pixels'
  | 'mosaic';

/** What is wrong with frames that should make a volume. */
export interface SliceProblem {
  readonly kind: SliceProblemKind;
  readonly expected: string;
  /** What is there instead, with the names of the files concerned. */
  readonly got: string;
  readonly todo: string;
}

/** Frames in order along the slice normal and the grid they make. */
export interface SlicePlan {
  readonly frames: readonly PlacedFrame[];
  /** Columns, rows, slices. */
  readonly size: Triple;
  /** Columns, rows, slices → world, millimetres, RAS+; sheared where the gantry was tilted. */
  readonly affineVoxelToWorld: Affine;
  /** How far each slice is shifted in its plane against the one below: 0 unless the gantry was tilted. */
  readonly shearMm: number;
}

/** Slices closer than this lie at the same place. */
const samePlaceMm = 0.01;
/** Cosines that differ more belong to another orientation; scanners round to about 1e-5. */
const cosineTolerance = 1e-3;
/** Spacings within a series may differ by so much: rounding of positions to two decimals, or a hundredth. */
const spacingToleranceMm = 0.02;
const spacingTolerance = 0.01;
/** Pixel spacings may differ by rounding to so much of themselves. */
const pixelSpacingTolerance = 1e-3;
/** Shifts in the plane below a hundredth of a slice are rounding, and not reported as a tilt. */
const shearTolerance = 0.01;
const finestMm = 0.001;
const coarsestMm = 1000;
const farthestMm = 100_000;

/**
 * Puts frames in order by their position along the slice normal and computes their grid.
 *
 * @returns the plan, or the first problem found
 * @source DICOM PS3.3, C.7.6.2.1.1: a pixel's place from ImagePositionPatient, ImageOrientationPatient, PixelSpacing.
 */
export function planSlices(frames: readonly DicomFrame[]): SlicePlan | SliceProblem {
  return (
    findMixture(frames) ??
    (frames.length < 2 ? tooFew(frames) : orderSlices(frames as readonly PlacedFrame[]))
  );
}

/** Whether {@link planSlices} found a problem. */
export function isProblem(plan: SlicePlan | SliceProblem): plan is SliceProblem {
  requireArguments('isProblem', { plan: [plan, 'object'] });
  return 'kind' in plan;
}

function tooFew(frames: readonly DicomFrame[]): SliceProblem {
  return {
    kind: 'too-few-slices',
    expected: 'a volume of at least 2 slices',
    got: frames.length === 0 ? 'none' : `only ${showFrame(frames[0]!)}`,
    todo: 'Give all files of the series.',
  };
}

function findMixture(frames: readonly DicomFrame[]): SliceProblem | undefined {
  const colour = frames.find(
    ({ format }) => format.samplesPerPixel !== 1 || !/^MONOCHROME[12]$/.test(format.photometric),
  );
  if (colour) {
    return {
      kind: 'colour',
      expected: 'grey images (MONOCHROME1 or MONOCHROME2)',
      got: `${colour.format.photometric} in ${showFrame(colour)}`,
      todo: 'Choose a series of images, not of screenshots or colour maps.',
    };
  }
  const unread = frames.find(({ format }) => ![8, 16, 32].includes(format.bitsAllocated));
  if (unread) {
    return {
      kind: 'unsupported-pixels',
      expected: 'pixels of 8, 16 or 32 bits',
      got: `${unread.format.bitsAllocated} in ${showFrame(unread)}`,
      todo: 'Convert the series.',
    };
  }
  const lost = frames.filter((frame) => !frame.position || !frame.orientation || !frame.pixelSpacing);
  if (lost.length > 0) {
    return {
      kind: 'no-geometry',
      expected: 'ImagePositionPatient, ImageOrientationPatient and PixelSpacing in every image',
      got: `none in ${showFrames(lost)}`,
      todo: 'Choose a series of slices; screenshots and scanned pages have no place in the patient.',
    };
  }
  const placed = frames as readonly PlacedFrame[];
  const first = placed[0];
  if (!first) return undefined;
  return (
    checkCosines(placed) ??
    differing(
      placed,
      'mixed-sizes',
      'slices of one size',
      (frame) => `${frame.format.columns}×${frame.format.rows}`,
    ) ??
    differing(placed, 'mixed-spacing', 'one PixelSpacing', spacingKeys(first)) ??
    mixedOrientation(placed, first)
  );
}

/** Spacings as text; those that rounding sets apart from the first's are written as the first's. */
function spacingKeys(first: PlacedFrame): (frame: PlacedFrame) => string {
  return ({ pixelSpacing }) => {
    const same = pixelSpacing.every(
      (spacing, index) => Math.abs(spacing / first.pixelSpacing[index]! - 1) < pixelSpacingTolerance,
    );
    return (same ? first : { pixelSpacing }).pixelSpacing.map(millimetres).join('×');
  };
}

/** Refuses directions, spacings and places that no scanner gives. */
function checkCosines(frames: readonly PlacedFrame[]): SliceProblem | undefined {
  const bad = frames.find(({ orientation: [row, column], pixelSpacing, position }) => {
    const unit = [row, column].every((axis) => Math.abs(Math.hypot(...axis) - 1) < 0.01);
    const near = position.every((value) => Math.abs(value) <= farthestMm);
    const sensible = pixelSpacing.every((spacing) => spacing >= finestMm && spacing <= coarsestMm);
    return !unit || !near || !sensible || Math.abs(dot(row, column)) > 0.01;
  });
  if (!bad) return undefined;
  return {
    kind: 'no-geometry',
    expected: `unit directions at right angles, spacings from ${finestMm} to ${coarsestMm} mm and places within ${farthestMm} mm`,
    got: [
      `ImageOrientationPatient ${bad.orientation.flat().join('\\')}`,
      `PixelSpacing ${bad.pixelSpacing.join('\\')}`,
      `ImagePositionPatient ${bad.position.join('\\')} in ${showFrame(bad)}`,
    ].join(', '),
    todo: 'Export the series again.',
  };
}

function mixedOrientation(frames: readonly PlacedFrame[], first: PlacedFrame): SliceProblem | undefined {
  const turned = frames.filter(
    (frame) => cosineDistance(frame.orientation, first.orientation) > cosineTolerance,
  );
  if (turned.length === 0) return undefined;
  const few = turned.length * 2 > frames.length ? frames.filter((frame) => !turned.includes(frame)) : turned;
  return {
    kind: 'mixed-orientation',
    expected: 'parallel slices',
    got: `another orientation in ${showFrames(few)}`,
    todo: 'Leave those out.',
  };
}

/** The largest difference between the components of two orientations. */
export function cosineDistance(a: readonly [Triple, Triple], b: readonly [Triple, Triple]): number {
  return Math.max(
    ...[0, 1, 2].flatMap((axis) => [0, 1].map((way) => Math.abs(a[way]![axis]! - b[way]![axis]!))),
  );
}

function differing(
  frames: readonly PlacedFrame[],
  kind: SliceProblemKind,
  expected: string,
  show: (frame: PlacedFrame) => string,
): SliceProblem | undefined {
  const groups = groupBy(frames, show);
  if (groups.size < 2) return undefined;
  const [common, ...others] = [...groups].sort((a, b) => b[1].length - a[1].length);
  const [value, odd] = others[0]!;
  return {
    kind,
    expected: `${expected}, ${common![0]} as in ${showFrame(common![1][0]!)}`,
    got: `${value} in ${showFrames(odd)}`,
    todo: 'Leave those out or export the series again.',
  };
}

function orderSlices(frames: readonly PlacedFrame[]): SlicePlan | SliceProblem {
  const [row, column] = frames[0]!.orientation;
  const normal = unit(cross(row, column));
  const ordered = frames
    .map((frame) => ({ frame, along: dot(frame.position, normal) }))
    .sort((a, b) => a.along - b.along || (showFrame(a.frame) < showFrame(b.frame) ? -1 : 1));
  const gaps = ordered.slice(1).map(({ along }, index) => along - ordered[index]!.along);
  const twins = gaps.flatMap((gap, index) =>
    gap < samePlaceMm
      ? [`${showFrame(ordered[index]!.frame)} and ${showFrame(ordered[index + 1]!.frame)}`]
      : [],
  );
  if (twins.length > 0) {
    return {
      kind: 'duplicate-slices',
      expected: 'each slice once',
      got: `${listSome(twins)} at the same place`,
      todo: 'Leave one of them out, or split the series.',
    };
  }
  const spacing = [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)]!;
  const allowed = Math.max(spacingToleranceMm, spacingTolerance * spacing);
  for (const [index, gap] of gaps.entries()) {
    if (Math.abs(gap - spacing) <= allowed) continue;
    const between = `between ${showFrame(ordered[index]!.frame)} and ${showFrame(ordered[index + 1]!.frame)}`;
    const missing = Math.round(gap / spacing) - 1;
    if (missing >= 1 && Math.abs(gap - (missing + 1) * spacing) <= allowed * (missing + 1)) {
      return {
        kind: 'missing-slices',
        expected: `slices every ${millimetres(spacing)} mm`,
        got: `${millimetres(gap)} mm ${between}: ${missing} ${missing === 1 ? 'slice is' : 'slices are'} missing`,
        todo: 'Give all files of the series.',
      };
    }
    return {
      kind: 'mixed-spacing',
      expected: `slices every ${millimetres(spacing)} mm`,
      got: `${millimetres(gap)} mm ${between}`,
      todo: 'Resample the series to even slices first, or export it again.',
    };
  }
  return gridOf(
    ordered.map(({ frame }) => frame),
    normal,
  );
}

function gridOf(frames: readonly PlacedFrame[], normal: Triple): SlicePlan | SliceProblem {
  const first = frames[0]!;
  const last = frames.at(-1)!;
  const count = frames.length;
  const step = scale(subtract(last.position, first.position), 1 / (count - 1));
  const height = dot(step, normal);
  const shift = Math.hypot(...subtract(step, scale(normal, height)));
  const allowed = Math.max(spacingToleranceMm, 2 * spacingTolerance * height, 0.02 * first.pixelSpacing[0]);
  const astray = frames.filter((frame, index) => {
    const place = subtract(frame.position, first.position);
    return Math.hypot(...subtract(place, scale(step, index))) > allowed;
  });
  if (astray.length > 0) {
    return {
      kind: 'uneven-slices',
      expected: 'slices one above the other on a line',
      got: `${showFrames(astray)} beside it`,
      todo: 'Export the series again, or leave those out.',
    };
  }
  const sheared = shift > shearTolerance * height;
  const [row, column] = first.orientation;
  const [betweenRows, betweenColumns] = first.pixelSpacing;
  const lps = [scale(row, betweenColumns), scale(column, betweenRows), step, first.position];
  const { rows, columns } = first.format;
  return {
    frames,
    size: [columns, rows, count],
    affineVoxelToWorld: [
      ...lps.map((axis) => -axis[0] + 0),
      ...lps.map((axis) => -axis[1] + 0),
      ...lps.map((axis) => axis[2] + 0),
      ...[0, 0, 0, 1],
    ],
    shearMm: sheared ? shift : 0,
  };
}

/** Names of frames, not more than a few. */
function showFrames(frames: readonly DicomFrame[]): string {
  return listSome(frames.map(showFrame));
}

/** Names, not more than a few. */
export function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

const millimetres = (value: number): string => String(Number(value.toFixed(3)));
const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const scale = (a: Triple, by: number): Triple => [a[0] * by, a[1] * by, a[2] * by];
const subtract = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const unit = (a: Triple): Triple => scale(a, 1 / Math.hypot(...a));
const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
