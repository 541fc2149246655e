import { basename, join, relative, resolve } from 'node:path';
import { groupBy } from '../base/group-by.js';
import { bratsModalities, type CaseFiles, type UnsureVolume } from './case.js';
import type { CaseNote, DataSet } from './data-set.js';
import { listFolder } from './list-folder.node.js';
import { type PatientNames, patientsIn } from './patient-folder.js';
import { doubtBeside } from './read-sidecar.node.js';

/** A patient as one folder holds it. */
interface FoundPatient {
  readonly id: string;
  readonly folder: string;
  readonly names: PatientNames;
}

/**
 * Finds the patients of a BraTS data set: one folder each, directly inside or one level deeper (HGG, LGG),
 * with files named as in 2018–2021 (`…_t1ce.nii.gz`, `…_seg.nii`) or from 2023 on (`…-t1c.nii.gz`), or several in one
 * folder. Names that do not surely say what a file holds are the case's `unsure`.
 *
 * @returns patients in the order of their names, none where nothing of the kind is there; modalities that a
 * patient lacks are absent
 * @throws UtadError not-found without the folder.
 */
export async function findBratsCases(folder: string): Promise<DataSet | undefined> {
  const root = resolve(folder);
  const found = await patientsBelow(root, 2);
  const notes: CaseNote[] = [];
  const cases: CaseFiles[] = [];
  for (const [id, parts] of groupBy(found, ({ id: own }) => own)) {
    const one = await caseOf(id, parts, root, notes);
    if (one !== undefined) cases.push(one);
  }
  if (found.length === 0) return undefined;
  return {
    folder: root,
    layout: 'brats',
    because: 'a folder a patient, with files named as in BraTS',
    modalities: bratsModalities,
    cases: cases.sort((a, b) => (a.id < b.id ? -1 : 1)),
    labelsPerPatient: false,
    foregroundByModality: {},
    notes,
  };
}

async function patientsBelow(folder: string, levels: number): Promise<readonly FoundPatient[]> {
  const { files, folders } = await listFolder(folder);
  const id = basename(folder);
  const own = patientsIn(id, files).map((names): FoundPatient => ({ id: idOf(id, names), folder, names }));
  const below: FoundPatient[] = [];
  if (levels > 0)
    for (const name of folders) below.push(...(await patientsBelow(join(folder, name), levels - 1)));
  const [only, ...more] = own;
  if (only === undefined || more.length > 0) return [...own, ...below];
  // What lies in a patient's folder is more of the patient; the files of a data set's own folder may be anything.
  const start = commonStart(Object.values(only.names.content));
  const isPatient =
    levels < 2 || id === start || start === '' || below.some((one) => sharesStart(one, start));
  return isPatient || below.length === 0 ? own : [...own, ...below];
}

/** Several patients of one folder have the ids of their files; where these begin with the folder's name, it is a session. */
function idOf(folder: string, { prefix }: PatientNames): string {
  if (prefix === undefined) return folder;
  const session = prefix.startsWith(folder)
    ? /^[_\-. ]+(.+)$/.exec(prefix.slice(folder.length))?.[1]
    : undefined;
  return session === undefined ? prefix : `${folder}_ses-${session.replaceAll('_', '-')}`;
}

function commonStart(names: readonly string[]): string {
  const [first = '', ...more] = names;
  let length = first.length;
  for (const name of more) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length).replace(/[^a-z0-9]+$/i, '');
}

function sharesStart({ names }: FoundPatient, start: string): boolean {
  return Object.values(names.content).some((name) => name.startsWith(start));
}

async function caseOf(
  id: string,
  parts: readonly FoundPatient[],
  root: string,
  notes: CaseNote[],
): Promise<CaseFiles | undefined> {
  const what = parts.flatMap(({ names }) => Object.keys(names.content));
  if (new Set(what).size < what.length) {
    const where = parts.map(({ folder }) => relative(root, folder) || '.').join(', ');
    const files = parts.flatMap((part) =>
      Object.values(part.names.content).map((name) => relative(root, join(part.folder, name))),
    );
    notes.push({
      severity: 'error',
      caseId: id,
      text: `left out, for there are several patients of this name, in ${where}. Describe them with a mapping file`,
      files,
    });
    return undefined;
  }
  const content: Record<string, string> = {};
  const unsure: UnsureVolume[] = [];
  for (const { folder, names } of parts) {
    for (const [name, file] of Object.entries(names.content)) {
      const doubt = name === 'seg' ? undefined : await doubtBeside(join(folder, file), name);
      if (doubt === undefined) content[name] = join(folder, file);
      else unsure.push({ path: join(folder, file), ...doubt });
    }
    for (const { name, ...why } of names.unsure) unsure.push({ path: join(folder, name), ...why });
  }
  const present = bratsModalities.filter((name) => content[name] !== undefined);
  return {
    id,
    modalities: Object.fromEntries(present.map((name) => [name, { path: content[name]! }])),
    ...(content['seg'] === undefined ? {} : { mask: { path: content['seg'] } }),
    ...(unsure.length === 0 ? {} : { unsure }),
  };
}
