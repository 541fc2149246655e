import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHeadPatients } from '../../test/fixtures/head-patients.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import type { CaseFiles } from '../datasets/case.js';
import { labelConventions } from '../datasets/label-convention.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { defaultRecipe } from '../imaging/recipe.js';
import type { Assignment } from './assignment.js';
import { assembleBatch, hasUnmasked } from './batch.js';
import { prepareSliceStore } from './slice-store.node.js';

const modalities = ['t1', 't2'];
const recipe = defaultRecipe(32);
let folder: string;
let cases: readonly CaseFiles[];
let assignments: readonly Assignment[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-store-'));
  cases = await writeHeadPatients(join(folder, 'data'));
  assignments = [
    { case: cases[0]!, modalities: ['t1'] },
    { case: cases[1]!, modalities: ['t2'] },
  ];
});
afterAll(() => rm(folder, { recursive: true }));

const make = (some = assignments, name = 'store', onProgress?: (done: number, total: number) => void) =>
  prepareSliceStore(join(folder, name), some, recipe, { modalities, ...(onProgress ? { onProgress } : {}) });

describe('prepareSliceStore', () => {
  it('holds the slices with enough brain, as prepared', async () => {
    const store = await make();
    const patient = await loadPreparedPatient(cases[1]!, recipe, modalities);
    expect(Object.keys(patient.modalities)).toEqual(modalities);
    const of = store.entries
      .map((entry, index) => ({ ...entry, index }))
      .filter(({ caseId }) => caseId === 'b');
    expect(of.length).toBeLessThan(10);
    expect(of.length).toBeGreaterThan(5);
    for (const { index, slice, modality, hasTumour } of of) {
      const { image, mask } = store.read(index);
      const [start, end] = [slice * 32 * 32, (slice + 1) * 32 * 32];
      expect(modality).toBe(1);
      expect(image).toEqual(patient.modalities['t2']!.slices.slice(start, end));
      expect(Array.from(mask)).toEqual(Array.from(patient.tumour!.slice(start, end)));
      expect(hasTumour).toBe(slice === 5);
    }
    expect(() => store.read(store.count)).toThrow(/expected an index below/);
    for (const { volumeMl, longestMm } of store.ranges) {
      expect(volumeMl).toBeGreaterThan(100);
      expect(longestMm).toBeGreaterThan(100);
    }
    store.close();
  });

  it('is reused while files and recipe are the same, and made anew when they are not', async () => {
    const seen: number[] = [];
    const watch = (done: number): void => void seen.push(done);
    (await make(assignments, 'again', watch)).close();
    expect(seen).toEqual([0, 1, 2]);
    (await make(assignments, 'again', watch)).close();
    expect(seen).toHaveLength(3);

    const records = (await readdir(join(folder, 'again'))).find((name) => name.endsWith('.bin'))!;
    await truncate(join(folder, 'again', records), 100);
    (await make(assignments, 'again', watch)).close();
    expect(seen).toHaveLength(6);

    await utimes(cases[0]!.mask!.path, new Date(), new Date(1_700_000_000_000));
    (await make(assignments, 'again', watch)).close();
    expect(seen).toHaveLength(9);
    expect((await readdir(join(folder, 'again'))).some((name) => name.endsWith('.tmp'))).toBe(false);
  });

  it('is checked when it is opened: what is damaged is said and made anew, the same again', async () => {
    const notices: string[] = [];
    const open = async (): Promise<void> => {
      const onNotice = (text: string): void => void notices.push(text);
      (
        await prepareSliceStore(join(folder, 'checked'), assignments, recipe, { modalities, onNotice })
      ).close();
    };
    await open();
    for (const name of await readdir(join(folder, 'checked'))) {
      const path = join(folder, 'checked', name);
      const whole = await readFile(path);
      const at = name.endsWith('.bin') ? whole.length - 5 : whole.indexOf('"slice":') + 8;
      await writeFile(
        path,
        whole.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      );
      await open();
      expect((await readFile(path)).equals(whole), name).toBe(true);
    }
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(
      /slices-\w+\.bin: the prepared slices are damaged, so they are prepared again\.$/,
    );
    // A store of version 0.1.0 says nothing of its records.
    const index = join(
      folder,
      'checked',
      (await readdir(join(folder, 'checked'))).find((one) => /json$/.test(one))!,
    );
    const {
      recordsSha256: _,
      checksum: __,
      ...earlier
    } = JSON.parse(await readFile(index, 'utf8')) as Record<string, unknown>;
    await writeFile(index, JSON.stringify(earlier));
    await open();
    expect(notices).toHaveLength(2);
  });

  it('names the case that lacks a file, and leaves nothing behind', async () => {
    const lost = { ...cases[0]!, modalities: { t1: { path: join(folder, 'lost.nii.gz') } } };
    await expect(make([{ case: lost, modalities: ['t1'] }], 'no')).rejects.toThrow(
      /^a: cannot read its file .*lost\.nii\.gz/,
    );
    const broken = join(folder, 'broken.nii.gz');
    await writeFile(broken, 'no image');
    const unreadable = { ...cases[1]!, modalities: { t1: { path: broken } } };
    await expect(make([assignments[0]!, { case: unreadable, modalities: ['t1'] }], 'no')).rejects.toThrow(
      /broken\.nii\.gz: expected a NIfTI image/,
    );
    expect(await readdir(join(folder, 'no'))).toEqual([]);
  });
});

describe('loadPreparedPatient', () => {
  it('leaves out what the patient lacks and refuses other grids', async () => {
    const one = await loadPreparedPatient(cases[0]!, recipe, ['t1', 'flair']);
    expect(Object.keys(one.modalities)).toEqual(['t1']);
    await expect(loadPreparedPatient(cases[0]!, recipe, ['flair'])).rejects.toThrow(
      /^a: expected one of flair/,
    );
    const other = join(folder, 'other.nii.gz');
    await writeVolumeFile(other, smoothHead([30, 30, 10], [8, 8, 15]));
    const mixed = { ...cases[0]!, modalities: { ...cases[0]!.modalities, t2: { path: other } } };
    await expect(loadPreparedPatient(mixed, recipe, modalities)).rejects.toThrow(
      /other\.nii\.gz: expected the grid of .*a_t1/,
    );
  });
});

describe('what a case says about its labels and its brain', () => {
  const prepare = async (more: Partial<CaseFiles>) => {
    const one = { ...cases[0]!, ...more };
    const store = await prepareSliceStore(
      join(folder, 'more'),
      [{ case: one, modalities: ['t1'] }],
      { ...recipe, fieldOfViewMm: 300 },
      { modalities },
    );
    const all = Array.from({ length: store.count }, (_, index) => store.read(index));
    const count = (of: (slice: (typeof all)[number]) => Uint8Array): number =>
      all.reduce((sum, slice) => sum + of(slice).reduce((total, value) => total + value, 0), 0);
    const found = {
      tumour: count(({ mask }) => mask),
      brain: count(({ brain }) => brain),
      fingerprint: store.fingerprint,
    };
    store.close();
    return found;
  };

  it('decides what is tumour, and labels that the convention does not have are refused', async () => {
    const any = await prepare({});
    const enhancing = await prepare({ labels: { ...labelConventions['brats-2021'], target: 'enhancing' } });
    const core = await prepare({
      labels: { ...labelConventions['brats-2024'], regions: { core: [1] }, target: 'core' },
    });
    expect([any.tumour > 0, enhancing.tumour, core.tumour]).toEqual([true, any.tumour, 0]);
    expect(new Set([any, enhancing, core].map(({ fingerprint }) => fingerprint)).size).toBe(3);
    await expect(prepare({ labels: labelConventions['brats-2023'] })).rejects.toThrow(
      /a_seg\.nii\.gz: expected labels of the convention brats-2023, got 4 too\. Declare another one with --labels/,
    );
  });

  it('takes the brain from a mask where there is one, so that the skull may still be there', async () => {
    const stripped = await prepare({});
    const skull = smoothHead([30, 30, 10], [8, 8, 14]);
    const [image, brain] = [join(folder, 'skull.nii.gz'), join(folder, 'brain.nii.gz')];
    await writeVolumeFile(image, { ...skull, data: skull.data.map((v, i) => (v === 0 ? 40 + (i % 5) : v)) });
    await writeVolumeFile(brain, { ...skull, data: skull.data.map((v) => (v === 0 ? 0 : 7)) });
    const modality = { modalities: { t1: { path: image } } };
    await expect(prepare(modality)).rejects.toThrow(/skull\.nii\.gz: expected a skull-stripped volume/);
    const masked = await prepare({ ...modality, foreground: { path: brain } });
    expect(masked.brain).toBe(stripped.brain);
    await rm(brain);
    await expect(prepare({ ...modality, foreground: { path: brain } })).rejects.toThrow(/brain\.nii\.gz/);
  });
});

describe('a case without a mask', () => {
  const bare = (): readonly Assignment[] => {
    const { mask: _, ...unmasked } = cases[1]!;
    return [assignments[0]!, { case: unmasked, modalities: ['t2'] }];
  };

  it('has slices that say so, and counts in no share of the masks', async () => {
    const store = await make(bare(), 'unmasked');
    const whole = await make();
    expect(store.fingerprint).not.toBe(whole.fingerprint);
    expect(store.count).toBe(whole.count);
    store.entries.forEach(({ caseId, unmasked, hasTumour }, index) => {
      expect(unmasked === true).toBe(caseId === 'b');
      if (caseId !== 'b') return;
      expect(hasTumour).toBe(false);
      expect(store.read(index).mask.every((inside) => inside === 0)).toBe(true);
      expect(store.read(index).image).toEqual(whole.read(index).image);
    });
    expect([hasUnmasked(store), hasUnmasked(whole)]).toEqual([true, false]);
    const indices = Array.from({ length: store.count }, (_, i) => i);
    const options = { seed: 1, iteration: 0, modalityCount: 2 };
    const { maskWeight } = assembleBatch(store, indices, options);
    const masked = store.entries.filter(({ unmasked }) => !unmasked).length;
    maskWeight.forEach((share, i) => {
      expect(share).toBeCloseTo(store.entries[i]!.unmasked ? 0 : 1 / masked, 6);
    });
    for (const one of [store, whole]) one.close();
  });

  it('is refused where regions are to be learnt', async () => {
    await expect(
      prepareSliceStore(join(folder, 'regions'), bare(), recipe, { modalities, regions: ['whole'] }),
    ).rejects.toThrow(/b: no mask, which training with regions needs for each case/);
  });
});

describe('neighbouring slices', () => {
  const around = (contextSlices: number, minimumBrainFraction: number) =>
    prepareSliceStore(join(folder, 'around'), assignments, recipe, {
      modalities,
      contextSlices,
      minimumBrainFraction,
    });

  it('are kept whatever brain they have, and are the slice itself where the volume ends', async () => {
    const patient = await loadPreparedPatient(cases[0]!, recipe, modalities);
    const slice = (k: number): Float32Array =>
      patient.modalities['t1']!.slices.slice(k * 1024, (k + 1) * 1024);
    // The middle of the head alone has so much brain, or every slice has enough.
    for (const [least, between] of [
      [0.18, 2],
      [0, 0],
    ] as const) {
      const store = await around(2, least);
      const own = store.entries.flatMap(({ caseId, slice: k }, index) =>
        caseId === 'a' ? [{ k, index }] : [],
      );
      const places = own.map(({ k }) => k);
      expect(Math.min(...places)).toBeGreaterThanOrEqual(between);
      expect(Math.max(...places)).toBeLessThanOrEqual(9 - between);
      if (least === 0) expect(places).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { k, index } of own) {
        expect(store.read(index).image).toEqual(slice(k));
        for (const offset of [-2, -1, 1, 2]) {
          const beside = k + offset;
          const expected = slice(beside >= 0 && beside < patient.count ? beside : k);
          expect(store.readContextSlice(index, offset).image, `${k} ${offset}`).toEqual(expected);
        }
      }
      expect(() => store.readContextSlice(0, 3)).toThrow(
        'slice store: expected context slices up to 2 slices away, which are kept, got 3',
      );
      store.close();
    }
  });

  it('leave the training slices and the name of a store without them as they are', async () => {
    const [plain, none, one] = [await make(), await around(0, 0.03), await around(1, 0.03)];
    expect(none.fingerprint).toBe(plain.fingerprint);
    expect(one.fingerprint).not.toBe(plain.fingerprint);
    expect(one.entries.map(({ caseId, slice }) => [caseId, slice])).toEqual(
      plain.entries.map(({ caseId, slice }) => [caseId, slice]),
    );
    for (let i = 0; i < plain.count; i++) expect(one.read(i)).toEqual(plain.read(i));
    expect(() => plain.readContextSlice(0, 1)).toThrow('expected context slices up to 0 slices away');
    for (const store of [plain, none, one]) store.close();
  });
});
