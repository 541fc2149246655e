import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assignModalities } from '../slices/assignment.js';
import type { CaseFiles } from './case.js';
import { splitCases } from './split.js';
import { findSplitFile } from './split-file.node.js';

const cases = Array.from({ length: 20 }, (_, n) => ({ id: `case-${n}` }));
const ids = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);

describe('splitCases', () => {
  it('depends on the seed and on nothing else', () => {
    const one = splitCases(cases, { validationFraction: 0.25, seed: 1 });
    const shuffled = splitCases([...cases].reverse(), { validationFraction: 0.25, seed: 1 });
    expect(one.validation).toHaveLength(5);
    expect(one.train).toHaveLength(15);
    expect(ids(shuffled.validation).sort()).toEqual(ids(one.validation).sort());
    expect(splitCases(cases, { validationFraction: 0.25, seed: 2 })).not.toEqual(one);
  });

  it('keeps examinations of one patient together', () => {
    const series = [0, 1, 2, 3, 4].flatMap((n) => [
      { id: `BraTS-GLI-0000${n}-000` },
      { id: `BraTS-GLI-0000${n}-001` },
    ]);
    const { train, validation } = splitCases(series, { validationFraction: 0.4, seed: 3 });
    expect(validation).toHaveLength(4);
    const people = new Set(ids(validation).map((id) => id.slice(0, 15)));
    expect(ids(train).some((id) => people.has(id.slice(0, 15)))).toBe(false);
  });

  it('honours a given split and tells what it leaves out', () => {
    const given = { train: ['case-3', 'case-1'], validation: ['case-0'] };
    const split = splitCases(cases, { validationFraction: 0.5, seed: 1, given });
    expect(ids(split.train)).toEqual(['case-3', 'case-1']);
    expect(ids(split.validation)).toEqual(['case-0']);
    expect(split.unused).toHaveLength(17);
  });

  it('refuses splits that cannot be meant', () => {
    const split =
      (given: { train: string[]; validation: string[] }, all: readonly { id: string }[] = cases) =>
      () =>
        splitCases(all, { validationFraction: 0, seed: 1, given });
    expect(split({ train: ['case-1', 'nobody'], validation: [] })).toThrow(
      /split: expected ids of cases.*unknown nobody/,
    );
    expect(split({ train: ['case-1'], validation: ['case-1'] })).toThrow(/case-1 more than once/);
    const pair = [{ id: 'BraTS2021_00006' }, { id: 'BraTS-GLI-00006-000' }];
    expect(split({ train: ['BraTS2021_00006'], validation: ['BraTS-GLI-00006-000'] }, pair)).toThrow(
      /whose patient is in train too/,
    );
    expect(() => splitCases(cases, { validationFraction: 1, seed: 1 })).toThrow(
      /leaves patients to learn from, got 1 of 20/,
    );
    expect(() => splitCases(cases.slice(0, 1), { validationFraction: 0.1, seed: 1 })).toThrow(
      /0\.1 of 1 patients/,
    );
  });
});

describe('split.json', () => {
  it('is found, checked and may be missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'utad-split-'));
    expect(await findSplitFile(folder)).toBeUndefined();
    await writeFile(join(folder, 'split.json'), '{"train":["a"],"validation":[]}');
    expect(await findSplitFile(folder)).toEqual({ train: ['a'], validation: [] });
    await writeFile(join(folder, 'split.json'), '{"train":["a"]}');
    await expect(findSplitFile(folder)).rejects.toThrow(/split\.json: expected \{ "train".*validation/);
    await writeFile(join(folder, 'split.json'), 'train: a');
    await expect(findSplitFile(folder)).rejects.toThrow(/no JSON/);
    await rm(folder, { recursive: true });
  });
});

describe('assignModalities', () => {
  const names = ['t1', 't1ce', 't2', 'flair'];
  const full: CaseFiles[] = cases.map(({ id }) => ({
    id,
    modalities: Object.fromEntries(names.map((n) => [n, { path: n }])),
  }));

  it('unpaired: gives each case one modality, each modality equally many cases, by the seed', () => {
    const assigned = assignModalities(full, names, { paired: false, seed: 1 });
    const chosen = assigned.map(({ modalities }) => modalities);
    expect(chosen.every((some) => some.length === 1)).toBe(true);
    for (const name of names) expect(chosen.filter(([one]) => one === name)).toHaveLength(5);
    expect(assignModalities(full, names, { paired: false, seed: 1 })).toEqual(assigned);
    expect(assignModalities(full, names, { paired: false, seed: 2 })).not.toEqual(assigned);
  });

  it('unpaired: evens out what patients with few modalities leave', () => {
    const some = full.map((one, n) => (n < 5 ? { ...one, modalities: { t1: { path: 'x' } } } : one));
    const chosen = assignModalities(some, names, { paired: false, seed: 1 }).map(
      ({ modalities }) => modalities[0],
    );
    for (const name of names) expect(chosen.filter((one) => one === name)).toHaveLength(5);
  });

  it('paired: gives all that a case has', () => {
    const some = [{ ...full[0]!, modalities: { t2: { path: 'x' }, t1: { path: 'y' } } }, full[1]!];
    expect(
      assignModalities(some, names, { paired: true, seed: 1 }).map(({ modalities }) => modalities),
    ).toEqual([['t1', 't2'], names]);
  });

  it('refuses cases with nothing and modalities without cases', () => {
    expect(() => assignModalities([{ id: 'x', modalities: {} }], names, { paired: false, seed: 1 })).toThrow(
      /got x with none/,
    );
    expect(() => assignModalities(full.slice(0, 3), names, { paired: false, seed: 1 })).toThrow(
      /each modality from at least one case, got none for/,
    );
  });
});
