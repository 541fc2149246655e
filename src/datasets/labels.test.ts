import { describe, expect, it } from 'vitest';
import { conventionOfNames, isInRegion, labelConventions, strangeLabels } from './label-convention.js';
import { bratsConventions, labelsOf, readingOf } from './labels.js';

describe('the reading of one mask', () => {
  it.each([
    [[0, 1, 2, 4], 'brats-2021'],
    [[0, 1, 2, 3], 'brats-2023'],
    [[0, 2], 'either'],
    [[0, 1, 2, 3, 4], 'ambiguous'],
    [[0, 1, 5], 'unknown'],
    [[0, 0.5], 'unknown'],
  ] as const)('of %j is %s', (labels, reading) => {
    expect(readingOf(labels)).toBe(reading);
  });

  it('lists distinct labels', () => {
    expect(labelsOf(Float32Array.of(0, 2, 0, 1, 1))).toEqual([0, 1, 2]);
  });
});

describe('conventions', () => {
  it.each([
    ['brats-2021', { whole: [1, 2, 4], core: [1, 4], enhancing: [4] }],
    ['brats-2023', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }],
    ['brats-2024', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }],
    ['brats-2015', { whole: [1, 2, 3, 4], core: [1, 3, 4], enhancing: [4] }],
    ['msd', { whole: [1, 2, 3], core: [2, 3], enhancing: [3] }],
    ['any', { whole: [1, 2, 3, 4], core: [], enhancing: [] }],
  ] as const)('%s tells its regions apart', (name, regions) => {
    for (const [region, labels] of Object.entries(regions)) {
      expect([0, 1, 2, 3, 4].filter(isInRegion(labelConventions[name], region))).toEqual(labels);
    }
  });

  it('know their labels', () => {
    expect(strangeLabels(labelConventions['brats-2021'], [0, 1, 3, 4])).toEqual([3]);
    expect(strangeLabels(labelConventions['brats-2024'], [0, 3, 4])).toEqual([]);
    expect(strangeLabels(labelConventions.any, [0, 0.5, 900])).toEqual([]);
  });
});

describe('the conventions of a BraTS data set', () => {
  const of = (labels: Record<string, number[]>, perPatient = false): Record<string, string> =>
    Object.fromEntries(
      [
        ...bratsConventions(
          Object.entries(labels).map(([id, some]) => ({ id, labels: some })),
          perPatient,
        ),
      ].map(([id, { name }]) => [id, name]),
    );

  it('come from all masks together: those without enhancing tumour follow the others', () => {
    expect(of({ a: [0, 1, 2, 4], b: [0, 2] })).toEqual({ a: 'brats-2021', b: 'brats-2021' });
    expect(of({ a: [0, 3], b: [0, 2], c: [0] })).toEqual({
      a: 'brats-2023',
      b: 'brats-2023',
      c: 'brats-2023',
    });
    expect(of({ b: [0, 1, 2] })).toEqual({ b: 'brats' });
  });

  it('are refused when cases contradict each other, unless each is declared to speak for itself', () => {
    const mixed = { a: [0, 1, 4], b: [0, 1, 3], c: [0, 1] };
    expect(() => of(mixed)).toThrow(
      /^tumour masks: expected enhancing tumour labelled 3 everywhere or 4 everywhere, got 4 in a; 3 in b\. Declare .*--labels brats-2021 \| .* \| per-patient/,
    );
    expect(of(mixed, true)).toEqual({ a: 'brats-2021', b: 'brats-2023', c: 'brats' });
  });

  it('are refused for labels that could mean two things or nothing, naming at most five cases', () => {
    expect(() => of({ a: [0, 3, 4] }, true)).toThrow(
      /both labels in a: BRATS 2015 .* or BraTS 2024 .*--labels/,
    );
    const many = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`p${n}`, [0, 9]]));
    expect(() => of(many)).toThrow(/others in p1, p2, p3, p4, p5 and 2 more \(0, 9 in p1\)/);
  });
});

describe('the names of cases', () => {
  const of = (labels: Record<string, number[]>): Record<string, string> =>
    Object.fromEntries(
      [...bratsConventions(Object.entries(labels).map(([id, some]) => ({ id, labels: some })))].map(
        ([id, { name }]) => [id, name],
      ),
    );

  it.each([
    [{ 'BraTS-PED-00001-000': [0, 1, 2, 4], 'BraTS-PED-00002-000': [0, 2] }, 'brats-ped'],
    [{ 'BraTS-MET-00002-000': [0, 1, 3] }, 'brats-met'],
    [{ 'BraTS-MEN-00002-000': [0, 2] }, 'brats-men'],
    [{ 'BraTS-MEN-RT-0000-1': [0, 1] }, 'brats-men-rt'],
    [{ 'BraTS-SSA-00002-000': [0, 1, 2, 3] }, 'brats-ssa'],
    [{ 'BraTS-GLI-00001-000': [0, 1, 2, 3] }, 'brats-2023'],
    [{ 'BraTS-GLI-02405-100': [0, 3, 4], 'BraTS-GLI-02405-101': [0, 2] }, 'brats-2024'],
    [{ BraTS2021_00006: [0, 2] }, 'brats-2021'],
    [{ Brats18_2013_11_1: [0, 1, 2, 4] }, 'brats-2021'],
    [{ 'UCSF-PDGM-0004': [0, 1, 2, 4] }, 'ucsf-pdgm'],
    [{ 'UPENN-GBM-00001_11': [0, 2] }, 'upenn-gbm'],
    [{ 'TCGA-02-0006_1996.08.23': [0, 1, 2, 4] }, 'brats-2021'],
    [{ brats_2013_pat0001_1: [0, 1, 2, 3, 4] }, 'brats-2015'],
  ] as const)('say which data set it is: %j', (labels, name) => {
    expect(
      new Set(
        Object.values(of(Object.fromEntries(Object.entries(labels).map(([id, some]) => [id, [...some]])))),
      ),
    ).toEqual(new Set([name]));
  });

  it('go before the labels that occur, and the file’s name counts as well', () => {
    expect(of({ BraTS2021_00006: [0, 1, 3], p: [0, 4] })).toEqual({
      BraTS2021_00006: 'brats-2021',
      p: 'brats-2021',
    });
    const masks = [{ id: 'p', labels: [0, 1, 4], file: 'BraTS-PED-00001-000-seg.nii.gz' }];
    expect(bratsConventions(masks).get('p')!.name).toBe('brats-ped');
  });

  it.each([
    [{ 'BraTS-PED-00001-000': [0, 1, 2, 3] }, /BraTS-PED of 2023 \(as brats-2023\) or from 2024 on/],
    [{ 'BraTS-GLI-00001-000': [0, 1, 2, 4] }, /BraTS-GLI with 4 and without 3/],
    [{ BRATS_001: [0, 1, 2, 3] }, /the Decathlon’s own labels \(msd\)/],
  ])('are refused where they leave it open: %j', (labels, message) => {
    expect(() => of(labels)).toThrow(message);
  });
});

describe('a table of names', () => {
  const table = (names: Record<number, string>) =>
    Object.entries(names).map(([label, name]) => ({ labels: [Number(label)], name }));

  it('of the Decathlon’s brain tumours is its convention, whose 1 and 2 are swapped against BraTS', () => {
    const names = { 0: 'background', 1: 'edema', 2: 'non-enhancing tumor', 3: 'enhancing tumour' };
    expect(conventionOfNames(table(names), 'dataset.json')).toEqual(labelConventions.msd);
    const swapped = { 1: 'necrotic core', 2: 'peritumoral edema', 4: 'GD-enhancing tumor' };
    expect(conventionOfNames(table(swapped), 'x')).toEqual(labelConventions['brats-2021']);
  });

  it('of overlapping regions is read by the regions’ names', () => {
    const regions = [
      { labels: [0], name: 'background' },
      { labels: [1, 2, 3], name: 'whole tumor' },
      { labels: [2, 3], name: 'tumor core' },
      { labels: [3], name: 'enhancing tumor' },
    ];
    expect(conventionOfNames(regions, 'dataset.json')).toEqual(labelConventions.msd);
  });

  it('keeps what is no tumour apart', () => {
    const convention = conventionOfNames(
      table({ 1: 'SNFH', 2: 'resection cavity', 3: 'ventricle', 5: 'ET' }),
      't.tsv',
    );
    expect(convention).toEqual({
      name: 't.tsv',
      regions: { whole: [1, 5], core: [5], enhancing: [5] },
      target: 'whole',
      others: [2, 3],
    });
  });

  it.each([
    [{ 1: 'CET', 2: 'NCET', 3: 'edema' }, ['CET', 'NCET']],
    [{ 1: 'ET', 2: 'NonEnh', 3: 'Cystic', 4: 'Edema' }, ['NonEnh']],
    [{ 1: 'NEC', 2: 'ED', 3: 'ENH' }, ['NEC', 'ENH']],
    [{ 1: 'T2/FLAIR signal alteration', 2: 'contrast enhancing' }, ['T2/FLAIR signal alteration']],
    [{ 1: 'not enhancing', 2: 'edema' }, ['not enhancing']],
    [{ 1: 'non tumor tissue', 2: 'tumor' }, ['non tumor tissue']],
    [{ 1: 'solid', 2: 'CC', 3: 'ED' }, ['solid', 'CC']],
    [{ 1: 'FLAIR abnormality', 2: 'ET', 3: 'blob' }, ['FLAIR abnormality', 'blob']],
    [{ 1: 'perifocal swelling', 2: 'ET' }, ['perifocal swelling']],
  ])('that names parts of a tumour is refused where a name is not understood: %j', (names, unclear) => {
    expect(conventionOfNames(table(names), 'd')).toEqual({ unclear });
  });

  it.each([
    ['non-enhancing tumor core', { whole: [1], core: [1] }],
    ['NCR/NET', { whole: [1], core: [1] }],
    ['peritumoral edematous/invaded tissue', { whole: [1] }],
    ['GD-enhancing tumor', { whole: [1], core: [1], enhancing: [1] }],
    ['Surrounding Non-enhancing FLAIR hyperintensity', { whole: [1] }],
    ['Metastasis', { whole: [1] }],
  ])('understands %s', (name, regions) => {
    expect(conventionOfNames(table({ 1: name }), 'd')).toMatchObject({ regions });
  });

  it('of organs makes each a region, and all of them the target', () => {
    expect(conventionOfNames(table({ 0: 'background', 1: 'liver', 6: 'spleen' }), 'd')).toEqual({
      name: 'd',
      regions: { liver: [1], spleen: [6], all: [1, 6] },
      target: 'all',
      others: [],
    });
    expect(conventionOfNames(table({ 1: 'prostate' }), 'd')).toMatchObject({ target: 'prostate' });
  });
});
