import { describe, expect, it } from 'vitest';
import type { DicomFrame, DicomInstance } from './instance.js';
import { isProblem, planSlices } from './plan-slices.js';
import { requirePlan } from './read-volume.js';
import { groupIntoSeries } from './series.js';

const format = {
  rows: 12,
  columns: 16,
  samplesPerPixel: 1,
  photometric: 'MONOCHROME2',
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  signed: false,
};
const marks = {
  imageType: 'ORIGINAL\\PRIMARY\\M',
  stack: '',
  echoTime: '92',
  temporalPosition: '',
  bValue: '',
  inversionTime: '',
  acquisition: '1',
  contrast: '',
};

/** An axial slice of 2×1.5 mm pixels. */
function slice(file: string, z: number, edit: Partial<DicomFrame> = {}): DicomFrame {
  return {
    file,
    sopClassUid: '1.2',
    sopInstanceUid: `1.2.${file}`,
    format,
    position: [-10, -20, z],
    orientation: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    pixelSpacing: [2, 1.5],
    rescale: { slope: 1, intercept: 0 },
    marks,
    ...edit,
  };
}

function stack(heights: readonly number[], edit: (index: number) => Partial<DicomFrame> = () => ({})) {
  return heights.map((z, index) => slice(`${String.fromCharCode(97 + index)}.dcm`, z, edit(index)));
}

function instances(frames: readonly DicomFrame[], uid = '1.2.3', seriesNumber = 5): DicomInstance[] {
  return frames.map((frame) => ({
    file: frame.file,
    contentHash: `${uid} ${frame.file}`,
    mosaic: false,
    sopClassUid: frame.sopClassUid,
    sopInstanceUid: `1.2.${frame.file}`,
    seriesInstanceUid: uid,
    studyInstanceUid: '1.2',
    transferSyntax: '1.2.840.10008.1.2.1',
    seriesNumber,
    facts: { imageType: [], scanningSequence: [], sequenceVariant: [], seriesDescription: 't2' },
    frames: [frame],
    copied: [],
  }));
}

const turned: DicomFrame['orientation'] = [
  [0, 1, 0],
  [0, 0, -1],
];

describe('slices in order', () => {
  it('lie by their position along the normal, with the affine of the first', () => {
    const plan = planSlices(stack([30, 24, 27]));
    if (isProblem(plan)) throw new Error(plan.got);
    expect(plan.frames.map(({ file }) => file)).toEqual(['b.dcm', 'c.dcm', 'a.dcm']);
    expect(plan.size).toEqual([16, 12, 3]);
    // LPS to RAS: columns 1.5 mm to the left, rows 2 mm to the back, slices 3 mm upwards.
    expect(plan.affineVoxelToWorld).toEqual([-1.5, 0, 0, 10, 0, -2, 0, 20, 0, 0, 3, 24, 0, 0, 0, 1]);
    expect(plan.shearMm).toBe(0);
  });

  it('may lie as close as positions rounded to a hundredth of a millimetre', () => {
    expect(planSlices(stack([0, 1.33, 2.67, 4]))).toMatchObject({ size: [16, 12, 4] });
  });

  it('may have spacings that rounding sets apart', () => {
    const rounded = stack([0, 3, 6], (index) => ({ pixelSpacing: [2, index === 1 ? 1.4999 : 1.5] }));
    expect(planSlices(rounded)).toMatchObject({ size: [16, 12, 3] });
  });

  it('keep the shift of a tilted gantry as a shear', () => {
    const plan = planSlices(stack([0, 3, 6], (index) => ({ position: [-10, -20 + index, 3 * index] })));
    expect(plan).toMatchObject({
      shearMm: 1,
      affineVoxelToWorld: [-1.5, 0, 0, 10, 0, -2, -1, 20, 0, 0, 3, 0, 0, 0, 0, 1],
    });
  });

  it.each<readonly [string, readonly DicomFrame[], string, string]>([
    ['too-few-slices', [], 'a volume of at least 2 slices', 'none'],
    ['too-few-slices', stack([0]), 'a volume of at least 2 slices', 'only a.dcm'],
    [
      'missing-slices',
      stack([0, 3, 9, 12]),
      'slices every 3 mm',
      '6 mm between b.dcm and c.dcm: 1 slice is missing',
    ],
    [
      'missing-slices',
      stack([0, 3, 12, 15, 18]),
      'slices every 3 mm',
      '9 mm between b.dcm and c.dcm: 2 slices are missing',
    ],
    ['mixed-spacing', stack([0, 3, 7, 10]), 'slices every 3 mm', '4 mm between b.dcm and c.dcm'],
    ['duplicate-slices', stack([0, 3, 3, 6]), 'each slice once', 'b.dcm and c.dcm at the same place'],
    [
      'mixed-sizes',
      stack([0, 3, 6], (index) => (index === 1 ? { format: { ...format, rows: 10 } } : {})),
      'slices of one size, 16×12 as in a.dcm',
      '16×10 in b.dcm',
    ],
    [
      'mixed-spacing',
      stack([0, 3, 6], (index) => (index === 2 ? { pixelSpacing: [2, 1.6] } : {})),
      'one PixelSpacing, 2×1.5 as in a.dcm',
      '2×1.6 in c.dcm',
    ],
    [
      'mixed-orientation',
      stack([0, 3, 6, 9, 12], (index) => (index < 1 ? { orientation: turned } : {})),
      'parallel slices',
      'another orientation in a.dcm',
    ],
    [
      'uneven-slices',
      stack([0, 3, 6, 9], (index) => (index === 2 ? { position: [-9, -20, 6] } : {})),
      'slices one above the other on a line',
      'c.dcm beside it',
    ],
    [
      'no-geometry',
      stack([0, 3]).map(({ position, ...rest }) => rest),
      'ImagePositionPatient, ImageOrientationPatient and PixelSpacing in every image',
      'none in a.dcm, b.dcm',
    ],
    [
      'no-geometry',
      stack([0, 3], () => ({
        orientation: [
          [1, 0, 0],
          [1, 0, 0],
        ],
      })),
      'unit directions at right angles, spacings from 0.001 to 1000 mm and places within 100000 mm',
      'ImageOrientationPatient 1\\0\\0\\1\\0\\0, PixelSpacing 2\\1.5, ImagePositionPatient -10\\-20\\0 in a.dcm',
    ],
    [
      'no-geometry',
      stack([0, 3e7]),
      'unit directions at right angles, spacings from 0.001 to 1000 mm and places within 100000 mm',
      'ImageOrientationPatient 1\\0\\0\\0\\1\\0, PixelSpacing 2\\1.5, ImagePositionPatient -10\\-20\\30000000 in b.dcm',
    ],
    [
      'colour',
      stack([0, 3], () => ({ format: { ...format, samplesPerPixel: 3, photometric: 'RGB' } })),
      'grey images (MONOCHROME1 or MONOCHROME2)',
      'RGB in a.dcm',
    ],
  ])('%s are reported with the files concerned: %#', (kind, frames, expected, got) => {
    expect(planSlices(frames)).toMatchObject({ kind, expected, got });
  });
});

describe('series', () => {
  const named = (frames: readonly DicomFrame[]) =>
    groupIntoSeries(instances(frames)).map(({ name, part, frames: own }) => [name, part, own.length]);

  it('go by their UID and are named by their number', () => {
    const found = groupIntoSeries([
      ...instances(stack([0, 3]), '1.2.9', 7),
      ...instances(stack([0, 3, 6]), '1.2.3', 5),
      ...instances(stack([0, 3, 6, 9]), '1.2.4', 7),
    ]);
    expect(found.map(({ name, frames }) => [name, frames.length])).toEqual([
      ['5', 3],
      ['7#2', 2],
      ['7#3', 4],
    ]);
  });

  it('are split by echo time', () => {
    const frames = stack([0, 3, 0, 3], (index) => ({
      marks: { ...marks, echoTime: index < 2 ? '14' : '92' },
    }));
    expect(named(frames)).toEqual([
      ['5.1', 'echo time 14', 2],
      ['5.2', 'echo time 92', 2],
    ]);
  });

  it('are split by orientation, as localizers are', () => {
    const frames = stack([0, 3, 0, 3], (index) =>
      index < 2 ? {} : { orientation: turned, position: [index, 0, 0] },
    );
    expect(named(frames)).toEqual([
      ['5.1', 'orientation 1', 2],
      ['5.2', 'orientation 2', 2],
    ]);
  });

  it('are split by stack', () => {
    const frames = stack([0, 3, 0, 3], (index) => ({ marks: { ...marks, stack: index < 2 ? '1' : '2' } }));
    expect(named(frames)).toEqual([
      ['5.1', 'stack 1', 2],
      ['5.2', 'stack 2', 2],
    ]);
  });

  it('are split by image type', () => {
    const frames = stack([0, 3, 0, 3], (index) => ({
      marks: { ...marks, imageType: index < 2 ? marks.imageType : 'ORIGINAL\\PRIMARY\\P' },
    }));
    expect(named(frames)).toEqual([
      ['5.1', 'image type ORIGINAL\\PRIMARY\\M', 2],
      ['5.2', 'image type ORIGINAL\\PRIMARY\\P', 2],
    ]);
  });

  it('are split by acquisition only where slices lie at the same place', () => {
    const acquisition = (index: number) => ({ marks: { ...marks, acquisition: String(index % 2) } });
    expect(named(stack([0, 3, 6, 9], acquisition))).toEqual([['5', undefined, 4]]);
    expect(named(stack([0, 0, 3, 3], acquisition))).toEqual([
      ['5.1', 'acquisition 0', 2],
      ['5.2', 'acquisition 1', 2],
    ]);
  });

  it('name a stray image of another size where it left a gap', () => {
    const frames = stack([0, 3, 6, 9], (index) => (index === 1 ? { format: { ...format, rows: 10 } } : {}));
    const [first] = groupIntoSeries(instances(frames));
    expect(() => requirePlan(first!)).toThrow(
      'series 5.1 “t2”: expected slices of 16×12 side by side, got 6 mm between a.dcm and c.dcm: 1 slice is ' +
        'missing, and b.dcm (16×10) that does not fit.',
    );
  });

  it('with a problem are refused by name when they are read', () => {
    const [first] = groupIntoSeries(instances(stack([0, 3, 3, 6])));
    expect(() => requirePlan(first!)).toThrow(
      'series 5 “t2”: expected each slice once, got b.dcm and c.dcm at the same place. Leave one of them out',
    );
  });
});
