import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSet } from './data-set.js';
import { isMarkedSynthetic, sidecarOf, withoutSynthetic } from './synthetic.node.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-synthetic-'));
});
afterEach(() => rm(folder, { recursive: true }));

const mark = JSON.stringify({ utad: { synthetic: true, modality: 't2' } });
const at = (name: string): { path: string } => ({ path: join(folder, name) });

function dataSet(...cases: DataSet['cases']): DataSet {
  return {
    folder,
    layout: 'brats',
    because: 'the test',
    modalities: ['t1', 't2'],
    cases,
    labelsPerPatient: false,
    foregroundByModality: {},
    notes: [],
  };
}

describe('synthetic volumes', () => {
  it.each([
    ['a_t2.nii.gz', 'a_t2.json'],
    ['a_t2.nii', 'a_t2.json'],
    ['a.b_t2.HDR', 'a.b_t2.json'],
    ['a_t2.img.gz', 'a_t2.json'],
    ['series', 'series.json'],
  ])('%s has its sidecar in %s', (volume, sidecar) => {
    expect(sidecarOf(volume)).toBe(sidecar);
  });

  it.each([
    ['the mark', mark, true],
    ['a sidecar of another program', '{"EchoTime": 0.08}', false],
    ['a mark that is not true', '{"utad": {"synthetic": "yes"}}', false],
    ['half a file', mark.slice(0, 20), false],
    ['more than a sidecar can be', mark.padEnd(2 ** 20 + 1), false],
  ])('are known by their sidecar: %s', async (_, text, expected) => {
    await writeFile(join(folder, 'a_t2.json'), text);
    expect(await isMarkedSynthetic(join(folder, 'a_t2.nii.gz'))).toBe(expected);
    expect(await isMarkedSynthetic(join(folder, 'a_t1.nii.gz'))).toBe(false);
  });

  it('are left out of a data set with one note, and scans and masks stay', async () => {
    await writeFile(join(folder, 'a_t2.json'), mark);
    await writeFile(join(folder, 'b_t2.json'), mark);
    const scans = dataSet(
      { id: 'a', modalities: { t1: at('a_t1.nii'), t2: at('a_t2.nii') }, mask: at('a_seg.nii') },
      { id: 'b', modalities: { t2: at('b_t2.nii.gz') } },
    );
    const found = await withoutSynthetic(scans);
    expect(found.cases).toEqual([
      { id: 'a', modalities: { t1: at('a_t1.nii') }, mask: at('a_seg.nii') },
      { id: 'b', modalities: {} },
    ]);
    expect(found.notes).toEqual([
      { severity: 'warning', text: '2 synthetic volumes left out, as the .json beside says' },
    ]);
    const none = dataSet({ id: 'c', modalities: { t1: at('c_t1.nii') } });
    expect(await withoutSynthetic(none)).toBe(none);
  });
});
