import { basename, join, resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { contentOfFileName } from './brats-name.js';
import { bratsModalities, type CaseFiles } from './case.js';
import type { DataSet } from './data-set.js';
import { listFolder } from './list-folder.node.js';

/**
 * Finds the patients of a BraTS data set: one folder each, directly inside or one level deeper (HGG, LGG),
 * with files named as in 2018–2021 (`…_t1ce.nii.gz`, `…_seg.nii`) or from 2023 on (`…-t1c.nii.gz`).
 *
 * @returns patients in the order of their names, none where nothing of the kind is there; modalities that a
 * patient lacks are absent
 * @throws UtadError not-found without the folder, bad-file when a file or patient is there twice.
 */
export async function bratsCasesBelow(folder: string): Promise<readonly CaseFiles[]> {
  const cases = await casesBelow(resolve(folder), 2);
  const sorted = [...cases].sort((a, b) => (a.id < b.id ? -1 : 1));
  const twice = sorted.find((one, index) => one.id === sorted[index + 1]?.id);
  if (twice) {
    fail('bad-file', {
      where: folder,
      expected: 'each patient once',
      got: `${twice.id} twice`,
      todo: 'Remove one of them.',
    });
  }
  return sorted;
}

/** The data set that these patients make. */
export function bratsDataSet(folder: string, cases: readonly CaseFiles[]): DataSet {
  return {
    folder,
    layout: 'brats',
    because: 'a folder a patient, with files named as in BraTS',
    modalities: bratsModalities,
    cases,
    labelsPerPatient: false,
    foregroundByModality: {},
    notes: [],
  };
}

async function casesBelow(folder: string, levels: number): Promise<readonly CaseFiles[]> {
  const { files, folders } = await listFolder(folder);
  const own = caseOf(folder, files);
  if (own) return [own];
  if (levels === 0) return [];
  const found: CaseFiles[] = [];
  for (const name of folders) found.push(...(await casesBelow(join(folder, name), levels - 1)));
  return found;
}

function caseOf(folder: string, names: readonly string[]): CaseFiles | undefined {
  const files: Record<string, string> = {};
  for (const name of names) {
    const content = contentOfFileName(name);
    if (content === undefined) continue;
    const before = files[content];
    if (before !== undefined) {
      fail('bad-file', {
        where: folder,
        expected: `one file of ${content}`,
        got: `${basename(before)} and ${name}`,
        todo: 'Remove one of them.',
      });
    }
    files[content] = join(folder, name);
  }
  if (Object.keys(files).length === 0) return undefined;
  const present = bratsModalities.filter((name) => files[name] !== undefined);
  return {
    id: basename(folder),
    modalities: Object.fromEntries(present.map((name) => [name, { path: files[name]! }])),
    ...(files['seg'] === undefined ? {} : { mask: { path: files['seg'] } }),
  };
}
