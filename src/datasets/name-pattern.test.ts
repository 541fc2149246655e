import { describe, expect, it } from 'vitest';
import { readMapping } from './mapping.js';
import { matchName, namePattern } from './name-pattern.js';

const match = (pattern: string, name: string) => matchName(namePattern(pattern), name);

describe('a pattern of names', () => {
  it.each([
    ['{patient}_t1.nii', 'P-1_t1.nii', { patient: 'P-1' }],
    ['{patient}/x', 'P', undefined],
    ['{patient}-{session}_{patient}.nii', 'a-b_a.nii', { patient: 'a', session: 'b' }],
    ['{patient}-{session}_{patient}.nii', 'a-b_c.nii', undefined],
    ['*_{patient}*', 'x_P_t1', { patient: 'P' }],
    ['scan (*).x{patient}', 'scan (1).xP', { patient: 'P' }],
    ['{patient}', 'a\nb', { patient: 'a\nb' }],
    ['{patient}', '', undefined],
  ])('%s fits %s as %j', (pattern, name, found) => {
    expect(match(pattern, name)).toEqual(found);
  });

  it('takes no more than its length however it may be read', () => {
    const stars = `{patient}${'*a'.repeat(40)}x`;
    expect(match(stars, 'a'.repeat(250))).toBeUndefined();
    expect(match(`{patient}{session}*{patient}*{session}x`, 'ab'.repeat(60))).toBeUndefined();
  });

  it.each(['../{patient}.nii', '{patient}/../../x.nii', '/data/{patient}.nii', 'C:\\{patient}.nii'])(
    'may not lead out of the data set: %s',
    (pattern) => {
      expect(() => readMapping({ modalities: { t1: pattern } }, 'm.json')).toThrow(
        /modalities\.t1: expected a pattern of what lies in the data set’s folder/,
      );
    },
  );

  it('belongs to modalities by any of their names, each once', () => {
    const { modalities } = readMapping({ modalities: { T1Gd: '{patient}/a', t2f: '{patient}/b' } }, 'm.json');
    expect(Object.keys(modalities)).toEqual(['t1ce', 'flair']);
    expect(() => readMapping({ modalities: { t1c: '{patient}/a', T1Gd: '{patient}/b' } }, 'm.json')).toThrow(
      /each modality once, got t1c and T1Gd, which are t1ce/,
    );
    expect(() => readMapping({ modalities: { constructor: '{patient}/a' } }, 'm.json')).toThrow(
      /got constructor/,
    );
  });
});
