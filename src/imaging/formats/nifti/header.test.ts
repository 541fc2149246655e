import { describe, expect, it } from 'vitest';
import { goldenBytes } from '../../../../test/fixtures/nifti-golden.js';
import { decodeHeader, encodeHeader, type HeaderValues, niftiVersions } from './header.js';
import { nifti1Table } from './header-1.js';
import { nifti2Table } from './header-2.js';
import { fieldWidths, type HeaderField } from './header-table.js';

describe.each([
  { version: 1 as const, table: nifti1Table as readonly HeaderField[], name: 'v1-little-int16.nii' },
  { version: 2 as const, table: nifti2Table as readonly HeaderField[], name: 'v2-little-int16.nii' },
])('the header table of version $version', ({ version, table, name }) => {
  const { length } = niftiVersions[version];

  it('covers all bytes without gap or overlap', () => {
    let end = 0;
    for (const row of table) {
      expect(row.offset).toBe(end);
      end += fieldWidths[row.type] * (row.count ?? 1);
    }
    expect(end).toBe(length);
  });

  it('reads back what it writes', () => {
    const bytes = goldenBytes(name);
    const header = decodeHeader(bytes, version, true) as HeaderValues;
    expect(encodeHeader(header, version)).toEqual(bytes.slice(0, length));
  });

  it('reads the other byte order as well', () => {
    const { datatype, ...little } = decodeHeader(goldenBytes(name), version, true);
    const { datatype: same, ...big } = decodeHeader(
      goldenBytes(name.replace('little', 'big')),
      version,
      false,
    );
    expect([big, same]).toEqual([little, datatype]);
  });

  it('keeps the widest numbers of each type', () => {
    const whole = { uint8: 255, int16: -32768, int32: -(2 ** 31), int64: -(2 ** 53) } as const;
    const broken = { float32: 2 ** 127, float64: 1e300 } as const;
    const values = Object.fromEntries(
      table.map(({ name: field, type, count }) => {
        const value = type === 'text' ? 'ab' : { ...whole, ...broken }[type];
        return [
          field,
          typeof value === 'number' && count !== undefined ? new Array(count).fill(value) : value,
        ];
      }),
    ) as unknown as HeaderValues;
    expect(decodeHeader(encodeHeader(values, version), version, true)).toEqual(values);
  });
});
