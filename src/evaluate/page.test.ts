import { describe, expect, it } from 'vitest';
import { cropPictures } from './crop-pictures.js';
import type { PatientScores } from './evaluation-report.js';
import { medianPatient, rankPatients } from './rank-patients.js';

describe('rankPatients', () => {
  const rows = (...values: number[]): PatientScores[] =>
    values.map((correlation) => ({ patient: String(correlation), brain: { correlation } }) as PatientScores);
  const ranks = (...values: number[]): string =>
    rankPatients(rows(...values))
      .map(({ rank, row }) => `${rank} ${row.patient}`)
      .join(', ');

  it('finds best, median and worst, and shows nobody twice', () => {
    expect(ranks(0.5, 0.9, 0.7, 0.8, 0.6)).toBe('best 0.9, median 0.7, worst 0.5');
    expect(ranks(0.5, 0.9)).toBe('best 0.9, worst 0.5');
    expect(ranks(0.5)).toBe('best 0.5');
  });

  it('knows the patient in the middle', () => {
    expect(medianPatient(rows(0.5, 0.9, 0.7)).patient).toBe('0.7');
    expect(medianPatient(rows(0.5, 0.9, 0.7, 0.6)).patient).toBe('0.7');
  });
});

describe('cropPictures', () => {
  const side = 16;
  const image = (...inside: (readonly [row: number, column: number])[]): Uint8Array => {
    const out = new Uint8Array(side * side);
    for (const [row, column] of inside) out[row * side + column] = 200;
    return out;
  };
  const pictures = (real: Record<string, Uint8Array>) => ({
    patient: 'p',
    side,
    slice: 3,
    real,
    translated: [{ source: 'a', target: 'b', image: real['a']!, fitted: real['b'] ?? real['a']! }],
  });

  it('cuts the square around all real images out of every picture', () => {
    const cut = cropPictures(pictures({ a: image([4, 3]), b: image([8, 6]) }));
    // Rows 4 to 8 are the longer side; two pixels of border on each.
    expect(cut.side).toBe(9);
    expect([...cut.real['a']!].indexOf(200)).toBe(2 * 9 + 2);
    expect([...cut.real['b']!].indexOf(200)).toBe(6 * 9 + 5);
    expect(cut.translated[0]!.image).toEqual(cut.real['a']);
    expect(cut.translated[0]!.fitted).toEqual(cut.real['b']);
  });

  it('stays within the slice, and leaves black slices alone', () => {
    const whole = cropPictures(pictures({ a: image([0, 0], [15, 15]) }));
    expect(whole.side).toBe(side);
    expect(whole.real['a']).toEqual(image([0, 0], [15, 15]));
    const black = pictures({ a: image() });
    expect(cropPictures(black)).toEqual(black);
  });
});
