import { describe, expect, it } from 'vitest';
import { csvText } from './csv.js';
import { tsvText } from './tsv.js';

describe('tables for other programs', () => {
  it.each(['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1'])(
    'make %j text, no formula',
    (cell) => {
      expect(csvText(['patient'], [[cell]]).split('\n')[1]).toMatch(/^"?'/);
      expect(tsvText(['patient'], [[cell.trim()]]).split('\n')[1]).toMatch(/^'/);
    },
  );

  it('leave numbers and other text as they are', () => {
    expect(csvText(['a', 'b'], [[-1.5, 'BraTS-GLI-00001']])).toBe('a,b\n-1.5,BraTS-GLI-00001\n');
    expect(tsvText(['a'], [[-1]])).toBe('a\n-1\n');
  });
});
