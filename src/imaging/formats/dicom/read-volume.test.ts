import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toWorld } from '../../geometry.js';
import type { Affine, Triple, Volume } from '../../volume.js';
import { chooseSeries } from './choose-series.js';
import { decodeSequentialJpeg } from './jpeg-extended.js';
import { type DicomListing, listDicomZip } from './listing.js';
import { readDicomVolume } from './read-volume.js';

interface GoldenVolume {
  readonly affine: Affine;
  readonly size: Triple;
  readonly values: readonly number[];
}

const folder = new URL('../../../../test/golden/dicom/', import.meta.url);
const facts: {
  readonly size: Triple;
  readonly head: readonly number[];
  readonly lossless: readonly string[];
  /** A grey JPEG of 8 bits by cjpeg, its pixels by djpeg. */
  readonly restarts: { readonly base64: string; readonly pixels: readonly number[] };
  /** By dcm2niix. */
  readonly volumes: Readonly<Record<string, readonly GoldenVolume[]>>;
  /** By pydicom, slices upwards. */
  readonly values: Readonly<Record<string, readonly number[]>>;
} = JSON.parse(readFileSync(new URL('facts.json', folder), 'utf8'));

function listGolden(name: string): DicomListing {
  return listDicomZip(new Uint8Array(readFileSync(new URL(`${name}.zip`, folder))), name);
}

async function readGolden(name: string, series?: string) {
  const listing = listGolden(name);
  return readDicomVolume(chooseSeries(listing, name, series), listing.readFile);
}

/** The largest difference of values at the same places of the world, by the golden volume's own affine. */
function largestDifference(volume: Volume, golden: GoldenVolume): number {
  const inverse = invert(golden.affine);
  const [ni, nj, nk] = volume.size;
  let largest = 0;
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++) {
        const there = toWorld(inverse, toWorld(volume.affineVoxelToWorld, [i, j, k]));
        const [a, b, c] = there.map(Math.round) as [number, number, number];
        const off = Math.hypot(there[0] - a, there[1] - b, there[2] - c);
        expect(off).toBeLessThan(1e-3);
        const expected = golden.values[a + golden.size[0] * (b + golden.size[1] * c)] ?? Number.NaN;
        const difference = Math.abs(volume.data[i + ni * (j + nj * k)]! - expected);
        largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      }
    }
  }
  return largest;
}

/** The golden volume with 0 everywhere. */
function emptied(golden: GoldenVolume): GoldenVolume {
  return { ...golden, values: new Array<number>(golden.size[0] * golden.size[1] * golden.size[2]).fill(0) };
}

/** The inverse of an affine by cofactors. */
function invert(m: Affine): Affine {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = m as unknown as number[];
  const det = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
  const r = [
    [e! * i! - f! * h!, c! * h! - b! * i!, b! * f! - c! * e!],
    [f! * g! - d! * i!, a! * i! - c! * g!, c! * d! - a! * f!],
    [d! * h! - e! * g!, b! * g! - a! * h!, a! * e! - b! * d!],
  ].map((row) => row.map((value) => value / det));
  return [...r.flatMap((row) => [...row, -(row[0]! * x! + row[1]! * y! + row[2]! * z!)]), ...[0, 0, 0, 1]];
}

describe('a DICOM series as a volume', () => {
  it.each(Object.keys(facts.volumes).filter((name) => name !== 'enhanced'))(
    'has the values of dcm2niix at the same places: %s',
    async (name) => {
      const volume = await readGolden(name);
      expect(volume.size).toEqual(facts.size);
      expect(largestDifference(volume, facts.volumes[name]![0]!)).toBeLessThan(1e-3);
    },
  );

  it.each(facts.lossless)('has the stored values exactly: %s', async (name) => {
    const volume = await readGolden(name);
    expect([...volume.data]).toEqual(facts.head);
  });

  it.each(Object.keys(facts.values))('has the values of pydicom: %s', async (name) => {
    const { data } = await readGolden(name);
    // Decoders of lossy JPEG may round the cosine transform differently by one.
    const lossy = ['jpeg-baseline', 'jpeg-extended-12', 'jpeg-2000-lossy'].includes(name);
    const allowed = lossy ? 1 : 1e-3;
    const worst = Math.max(...data.map((value, index) => Math.abs(value - facts.values[name]![index]!)));
    expect(worst).toBeLessThanOrEqual(allowed);
  });

  it('reads JPEG with restart markers', () => {
    const [columns, rows] = facts.size;
    const format = { rows, columns, samplesPerPixel: 1, photometric: 'MONOCHROME2' };
    const depth = { bitsAllocated: 16, bitsStored: 8, highBit: 7, signed: false };
    const bytes = Uint8Array.from(Buffer.from(facts.restarts.base64, 'base64'));
    const samples = new Uint16Array(decodeSequentialJpeg(bytes, { ...format, ...depth }).buffer);
    for (const [index, value] of samples.entries()) {
      expect(Math.abs(value - facts.restarts.pixels[index]!)).toBeLessThanOrEqual(1);
    }
  });

  it('gives 12-bit values their sign from the highest stored bit', async () => {
    const { data } = await readGolden('signed-12');
    expect([...data]).toEqual(facts.head.map((value) => value - 1000));
  });

  it('turns MONOCHROME1 around between its extremes, so that the background is the least value', async () => {
    const { data } = await readGolden('monochrome1');
    // Stored 4000 − head, head from 0 to its maximum: the background 4000 becomes 4000 − maximum.
    const highest = Math.max(...facts.head);
    expect([...data]).toEqual(facts.head.map((value) => 4000 - highest + value));
  });

  it('sets padding to 0', async () => {
    const { data, size } = await readGolden('padded');
    const inFirstRow = (index: number) => index % (size[0] * size[1]) < size[0];
    expect([...data]).toEqual(facts.head.map((value, index) => (inFirstRow(index) ? 0 : value)));
  });

  it('keeps a tilted stack sheared: every slice lies where its file says', async () => {
    const { affineVoxelToWorld: affine, origin } = await readGolden('tilted');
    for (const [k, { position }] of origin.series.slices.entries()) {
      const [x, y, z] = toWorld(affine, [0, 0, k]);
      expect(Math.hypot(-x - position[0], -y - position[1], z - position[2])).toBeLessThan(1e-5);
    }
    expect(chooseSeries(listGolden('tilted'), 'tilted').plan).toMatchObject({
      shearMm: expect.closeTo(0.7, 5),
    });
  });

  it.each(['enhanced', 'enhanced-rle', 'enhanced-jpeg-ls'])(
    'splits a multi-frame file into its echoes: %s',
    async (name) => {
      const listing = listGolden(name);
      expect(listing.series.map(({ name: series, part }) => [series, part])).toEqual([
        ['30.1', 'echo time 12'],
        ['30.2', 'echo time 96'],
      ]);
      for (const [index, series] of listing.series.entries()) {
        const volume = await readDicomVolume(series, listing.readFile);
        // Its slices lie where dcm2niix puts them; dcm2niix knows only one slope a file, so values are by hand.
        const [golden] = facts.volumes['enhanced']!;
        expect(
          largestDifference({ ...volume, data: new Float32Array(volume.data.length) }, emptied(golden!)),
        ).toBe(0);
        const [slope, divisor] = [[0.5, 1] as const, [2, 2] as const][index]!;
        expect([...volume.data]).toEqual(facts.head.map((value) => slope * Math.floor(value / divisor)));
      }
    },
  );

  it('guesses the contrast of each echo from its own frames', () => {
    expect(listGolden('enhanced').series.map(({ guess }) => guess.other ?? guess.contrast)).toEqual([
      'proton density',
      't2',
    ]);
  });

  it('says which frames of a multi-frame file the slices are', async () => {
    const { origin } = await readGolden('enhanced', '30.2');
    expect(origin.series.slices.map(({ frameNumber }) => frameNumber)).toEqual([10, 8, 6, 4, 2]);
  });
});
