import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { bratsModalities, type CaseFiles } from './case.js';
import { contentOfFileName } from './file-name.js';

/**
 * Finds the patients of a BraTS data set: one folder each, directly inside or one level deeper (HGG, LGG),
 * with files named as in 2018–2021 (`…_t1ce.nii.gz`, `…_seg.nii`) or from 2023 on (`…-t1c.nii.gz`).
 *
 * @returns patients in the order of their names; modalities that a patient lacks are absent
 * @throws UtadError not-found when nothing of the kind is there, bad-file when a file or patient is there twice.
 */
export async function findBratsCases(folder: string): Promise<readonly CaseFiles[]> {
  const cases = await casesBelow(resolve(folder), 2);
  if (cases.length === 0) {
    fail('not-found', {
      where: folder,
      expected:
        'folders of patients with files such as <id>_t1.nii.gz, _t1ce, _t2, _flair, _seg or <id>-t1n.nii.gz, -t1c, -t2w, -t2f, -seg',
      got: 'none, here or one level deeper',
      todo: 'Give the folder that holds the folders of the patients.',
    });
  }
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

async function casesBelow(folder: string, levels: number): Promise<readonly CaseFiles[]> {
  const entries = await list(folder);
  const own = caseOf(
    folder,
    entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
  );
  if (own) return [own];
  if (levels === 0) return [];
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const found: CaseFiles[] = [];
  for (const { name } of folders) found.push(...(await casesBelow(join(folder, name), levels - 1)));
  return found;
}

function caseOf(folder: string, names: readonly string[]): CaseFiles | undefined {
  const files: Record<string, string> = {};
  for (const name of [...names].sort()) {
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
    modalities: Object.fromEntries(present.map((name) => [name, files[name]!])),
    ...(files['seg'] === undefined ? {} : { mask: files['seg'] }),
  };
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    // A link to a file is listed as a link and is no folder.
    if (code === 'ENOTDIR') return [];
    return fail(
      code === 'ENOENT' ? 'not-found' : 'io',
      {
        where: folder,
        expected: 'a data set folder',
        got: code === 'ENOENT' ? 'nothing there' : reasonOf(cause),
        todo: 'Check the path.',
      },
      { cause },
    );
  }
}
