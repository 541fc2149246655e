import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../base/random.js';
import { checkCodestream } from './codestream.js';
import type { PixelFormat } from './instance.js';
import { decodeLosslessJpeg } from './jpeg-lossless.js';

interface Coding {
  readonly predictor: number;
  readonly precision: number;
  readonly pointTransform: number;
  /** Rows between restart markers, 0 for none. */
  readonly restartRows: number;
}

const [rows, columns] = [7, 9];
const format: PixelFormat = {
  ...{ rows, columns, samplesPerPixel: 1, photometric: 'MONOCHROME2' },
  ...{ bitsAllocated: 16, bitsStored: 16, highBit: 15, signed: false },
};

/** A plain coder after ITU-T T.81, annex H: all 17 lengths have codes of 5 bits. */
function encode(samples: readonly number[], coding: Coding): Uint8Array {
  const { predictor, precision, pointTransform, restartRows } = coding;
  const bytes = [
    ...[0xff, 0xd8, 0xff, 0xc4, 0, 19 + 17, 0, 0, 0, 0, 0, 17, ...new Array<number>(11).fill(0)],
    ...Array.from({ length: 17 }, (_, length) => length),
    ...[0xff, 0xdd, 0, 4, 0, restartRows * columns],
    ...[0xff, 0xc3, 0, 11, precision, 0, rows, 0, columns, 1, 1, 0x11, 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, predictor, 0, pointTransform],
  ];
  let [held, count] = [0, 0];
  const put = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit--) {
      held = (held << 1) | ((value >> bit) & 1);
      if (++count < 8) continue;
      bytes.push(held, ...(held === 0xff ? [0] : []));
      [held, count] = [0, 0];
    }
  };
  const flush = (): void => {
    while (count > 0) put(1, 1);
  };
  const coded = samples.map((sample) => sample >> pointTransform);
  for (let row = 0; row < rows; row++) {
    const restarts = row > 0 && restartRows > 0 && row % restartRows === 0;
    if (restarts) {
      flush();
      bytes.push(0xff, 0xd0 + ((row / restartRows - 1) & 7));
    }
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const [a, b, c] = [coded[at - 1]!, coded[at - columns]!, coded[at - columns - 1]!];
      const choices = [0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1];
      const firstRow = row === 0 || restarts;
      const middle = 2 ** (precision - pointTransform - 1);
      const predicted = firstRow ? (column === 0 ? middle : a) : column === 0 ? b : choices[predictor]!;
      const difference = ((coded[at]! - predicted) << 16) >> 16;
      const length = difference === -32768 ? 16 : 32 - Math.clz32(Math.abs(difference));
      put(length, 5);
      if (length > 0 && length < 16) put(difference < 0 ? difference + 2 ** length - 1 : difference, length);
    }
  }
  flush();
  return Uint8Array.from([...bytes, 0xff, 0xd9]);
}

const random = createRandom(7);
const images: Readonly<Record<string, (at: number) => number>> = {
  noise: () => Math.floor(random.uniform() * 65536),
  extremes: (at) => (at % 2 === 0 ? 0 : 32768),
  background: () => 100,
};

function decoded(bytes: Uint8Array): readonly number[] {
  const { image } = checkCodestream(bytes, 'jpeg-lossless', format, 'x.dcm');
  return Array.from(new Uint16Array(decodeLosslessJpeg(image, format).buffer));
}

describe('lossless JPEG', () => {
  const codings = [1, 2, 3, 4, 5, 6, 7].flatMap((predictor) =>
    [0, 1, 3].flatMap((restartRows) =>
      [0, 4].map((pointTransform) => ({ predictor, precision: 16, pointTransform, restartRows })),
    ),
  );
  it.each(codings)('gives back every sample: %j', (coding) => {
    for (const [name, valueAt] of Object.entries(images)) {
      const samples = Array.from({ length: rows * columns }, (_, at) => valueAt(at));
      const expected = samples.map((sample) => (sample >> coding.pointTransform) << coding.pointTransform);
      expect(decoded(encode(samples, coding)), name).toEqual(expected);
    }
  });

  it('is refused where samples are missing before the end marker', () => {
    const whole = encode(new Array<number>(rows * columns).fill(1000), {
      ...{ predictor: 1, precision: 16, pointTransform: 0, restartRows: 0 },
    });
    const cut = Uint8Array.from([...whole.subarray(0, -5), 0xff, 0xd9]);
    expect(() => decoded(cut)).toThrow('coded data that end early');
  });
});
