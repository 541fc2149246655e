import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { groupBy } from '../base/group-by.js';
import { inModalityOrder } from '../imaging/words/modality-name.js';
import { type BidsName, bidsNameOf, maskKindOf, versionOf } from './bids-name.js';
import { bidsConvention } from './bids-table.node.js';
import type { CaseFiles, UnsureVolume } from './case.js';
import type { CaseDoubt, CaseNote, DataSet } from './data-set.js';
import { labelConventions, namesTissues, unclearLabels } from './label-convention.js';
import { listFolder } from './list-folder.node.js';
import { listed } from './listed-names.js';
import { severalFiles } from './patient-folder.js';
import { readBidsName } from './read-bids-name.js';
import { doubtsInBids } from './read-sidecar.node.js';
import type { ModalityDoubt } from './sidecar-doubt.js';
import type { VolumeName } from './volume-name.js';

interface Found {
  readonly path: string;
  readonly name: BidsName;
  readonly caseId: string;
  /** Folder of the data set or the derivative that the file lies in. */
  readonly root: string;
}

interface Versioned extends Found {
  readonly version: string;
}

interface Image extends Versioned {
  readonly modality: string;
}

type Unsure = Versioned & ModalityDoubt;

/**
 * Finds the examinations of a BIDS data set: `sub-*[/ses-*]/anat/*_T1w.nii.gz` and so on, raw or in
 * `derivatives/*`. Of several versions of the images (raw, `space-…`, `desc-…`) one is taken for the whole data
 * set: the one with segmentations on its grid, else the skull-stripped one, else the one with most images.
 *
 * @returns undefined where there are no such images
 * @throws UtadError bad-file for a label table that cannot be read.
 * @source BIDS 1.10, magnetic resonance imaging data; derivatives.
 */
export async function findBidsCases(folder: string): Promise<DataSet | undefined> {
  const files: Found[] = [];
  for (const root of await rootsOf(folder)) files.push(...(await filesOf(root)));
  const read = files.map((file) => ({
    ...file,
    version: versionKey(folder, file),
    says: readBidsName(file.name),
  }));
  const doubtOf = doubtsInBids(folder);
  const images: Image[] = [];
  const unsure: Unsure[] = [];
  for (const { says, ...file } of read) {
    if (says.kind === 'unsure') unsure.push({ ...file, ...says });
    if (says.kind !== 'modality') continue;
    const doubt = await doubtOf(file.path, says.modality);
    if (doubt === undefined) images.push({ ...file, modality: says.modality });
    else unsure.push({ ...file, ...doubt });
  }
  if (images.length + unsure.length === 0) return undefined;
  const masks = files.filter(({ name }) => maskKindOf(name) !== undefined);
  const versions = groupBy<Versioned>(images.length > 0 ? images : unsure, ({ version }) => version);
  const among = groupBy(images, ({ version }) => version);
  const chosen = [...versions.keys()].sort(
    (a, b) => rank(among.get(b) ?? [], masks) - rank(among.get(a) ?? [], masks) || (a < b ? -1 : 1),
  )[0]!;
  const isChosen = ({ version }: Versioned): boolean => version === chosen;
  const notes: CaseNote[] = [...(await strangeSubjects(folder))];
  const doubts: CaseDoubt[] = [];
  const unclearTables: string[] = [];
  const cases: CaseFiles[] = [];
  const ofCases = groupBy([...images, ...unsure].filter(isChosen), ({ caseId }) => caseId);
  for (const [id, all] of ofCases) {
    const add = (text: string, paths: readonly string[]): void => {
      const named = paths.map((path) => relative(folder, path));
      notes.push({ severity: 'warning', caseId: id, text, files: named });
    };
    const own = images.filter((image) => isChosen(image) && image.caseId === id);
    const { modalities, several } = modalitiesOf(own, add);
    const ownMasks = masks.filter((mask) => mask.caseId === id && sameSpace(mask, all[0]));
    const { unsure: unsureMasks = [], unclear, ...mask } = await maskOf(ownMasks, own, folder);
    const doubtful = [
      ...unsure
        .filter((one) => isChosen(one) && one.caseId === id)
        .map(({ path, like, because }) => ({ path, like, because })),
      ...several,
      ...unsureMasks,
    ];
    for (const { modality, path, version, caseId } of images)
      if (caseId === id && version !== chosen && modalities[modality] === undefined)
        doubts.push({ caseId: id, modality, text: `${relative(folder, path)} (${version})` });
    for (const { says, path, version, caseId } of read)
      if (caseId === id && version === chosen && says.kind === 'unknown')
        doubts.push({ caseId: id, text: `${relative(folder, path)} (its name does not say what it is)` });
    if (unclear !== undefined) unclearTables.push(unclear);
    cases.push({ id, modalities, ...mask, ...(doubtful.length === 0 ? {} : { unsure: doubtful }) });
  }
  notes.push(...otherVersions(folder, read, chosen, new Set(ofCases.keys())));
  const others = [...versions.keys()].filter((version) => version !== chosen);
  return {
    folder,
    layout: 'bids',
    because: `sub-… folders with anatomical images, ${chosen}${others.length > 0 ? ` (rather than ${others.join('; ')})` : ''}`,
    modalities: inModalityOrder(images.filter(isChosen).map(({ modality }) => modality)),
    cases: cases.sort((a, b) => (a.id < b.id ? -1 : 1)),
    labelsPerPatient: false,
    ...(unclearTables.length > 0 ? { unclearLabels: unclearTables[0]! } : {}),
    foregroundByModality: {},
    notes,
    doubts,
  };
}

/** Images of versions that are not taken: those of examinations that have no other by the case, the others together. */
function otherVersions(
  folder: string,
  read: readonly (Versioned & { readonly says: VolumeName })[],
  chosen: string,
  cases: ReadonlySet<string>,
): readonly CaseNote[] {
  const others = read.filter(
    ({ says, version }) => /^(?:modality|unsure)$/.test(says.kind) && version !== chosen,
  );
  const filesOfAll = (some: readonly Versioned[]): readonly string[] =>
    some.map(({ path }) => relative(folder, path));
  const lost = groupBy(
    others.filter(({ caseId }) => !cases.has(caseId)),
    ({ caseId }) => caseId,
  );
  const notes = [...lost].map(([caseId, some]): CaseNote => {
    const version = [...new Set(some.map((one) => one.version))].join('; ');
    const text = `left out, for its images are of another version than ${chosen}: ${version}`;
    return { severity: 'warning', caseId, text, files: filesOfAll(some) };
  });
  const rest = filesOfAll(others.filter(({ caseId }) => cases.has(caseId)));
  if (rest.length === 0) return notes;
  const text = `not used, of other versions than ${chosen}: ${listed(rest)}`;
  return [...notes, { severity: 'warning', text, files: rest }];
}

/** Subjects whose names are none of BIDS, which no reader of it finds. */
async function strangeSubjects(folder: string): Promise<readonly CaseNote[]> {
  const strange = (await listFolder(folder)).folders.filter(
    (name) => /^sub-/.test(name) && !subjectFolder.test(name),
  );
  if (strange.length === 0) return [];
  const text = `left out, for labels in BIDS are letters and digits alone: ${listed(strange)}. Rename them, or describe the data set with a mapping file`;
  return [{ severity: 'warning', text, files: strange }];
}

const subjectFolder = /^sub-[a-zA-Z0-9+]+$/;

/** The data set itself and each of its derivatives. */
async function rootsOf(folder: string): Promise<readonly string[]> {
  const derivatives = join(folder, 'derivatives');
  if (!existsSync(derivatives)) return [folder];
  const { folders } = await listFolder(derivatives);
  const direct = folders.some((name) => name.startsWith('sub-')) ? [derivatives] : [];
  return [
    folder,
    ...direct,
    ...folders.filter((name) => !name.startsWith('sub-')).map((n) => join(derivatives, n)),
  ];
}

async function filesOf(root: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  const subjects = (await listFolder(root)).folders.filter((name) => subjectFolder.test(name));
  for (const subject of subjects) {
    const sessions = (await listFolder(join(root, subject))).folders.filter((name) => /^ses-/.test(name));
    for (const place of ['', ...sessions]) {
      const id = place === '' ? subject : `${subject}_${place}`;
      for (const kind of ['anat', 'ct', '']) {
        const folder = join(root, subject, place, kind);
        if (!existsSync(folder)) continue;
        for (const file of (await listFolder(folder)).files) {
          const name = bidsNameOf(file);
          // Beside anat only derivatives have volumes, and only some.
          if (!name || `sub-${name.entities['sub']}` !== subject) continue;
          found.push({ path: join(folder, file), name, caseId: id, root });
        }
      }
    }
  }
  return found;
}

function versionKey(folder: string, { root, name }: Found): string {
  const place = relative(folder, root) === '' ? 'as acquired' : relative(folder, root).replaceAll('\\', '/');
  const version = versionOf(name);
  return version === '' ? place : place === 'as acquired' ? version : `${place} ${version}`;
}

function rank(images: readonly Image[], masks: readonly Found[]): number {
  const withLabels = images.filter((image) =>
    masks.some(
      (mask) => maskKindOf(mask.name) !== 'brain' && mask.caseId === image.caseId && sameSpace(mask, image),
    ),
  ).length;
  const stripped = images.filter(({ name }) =>
    /brain|strip|^ss$|bet/i.test(name.entities['desc'] ?? ''),
  ).length;
  return 1e8 * Number(withLabels > 0) + 1e6 * Number(stripped > 0) + images.length;
}

/** A mask belongs to images of its space; without one, or with `orig`, to images as they were acquired. */
function sameSpace(mask: Found, image: Found): boolean {
  const space = ({ name }: Found): string =>
    (name.entities['space'] ?? 'orig').replace(/^(T1w|T1|native|individual)$/i, 'orig');
  return space(mask) === space(image);
}

function modalitiesOf(
  own: readonly Image[],
  add: (text: string, paths: readonly string[]) => void,
): { readonly modalities: CaseFiles['modalities']; readonly several: readonly UnsureVolume[] } {
  const modalities: Record<string, { readonly path: string }> = {};
  const several: UnsureVolume[] = [];
  for (const [modality, candidates] of groupBy(own, (image) => image.modality)) {
    const runs = new Set(candidates.map(({ name }) => JSON.stringify({ ...name.entities, run: '' })));
    const [first, ...more] = candidates.toSorted((a, b) => runOf(a) - runOf(b));
    if (more.length > 0 && runs.size > 1) {
      for (const { path } of candidates) several.push({ path, like: [modality], because: severalFiles });
      continue;
    }
    if (more.length > 0)
      add(
        `${modality}: the first of ${candidates.length} runs is taken, ${basename(first!.path)}`,
        more.map(({ path }) => path),
      );
    modalities[modality] = { path: first!.path };
  }
  return { modalities, several };
}

const runOf = ({ name }: Found): number => Number(name.entities['run'] ?? 0);

async function maskOf(
  masks: readonly Found[],
  images: readonly Image[],
  folder: string,
): Promise<Pick<CaseFiles, 'mask' | 'labels' | 'foreground' | 'unsure'> & { readonly unclear?: string }> {
  const ofKind = (kind: string): readonly Found[] => masks.filter(({ name }) => maskKindOf(name) === kind);
  const isStripped = images.some(({ name }) => /brain|strip|^ss$|bet/i.test(name.entities['desc'] ?? ''));
  const [brain] = ofKind('brain');
  const foreground = brain && !isStripped ? { foreground: { path: brain.path } } : {};
  for (const kind of ['labels', 'lesion']) {
    const [first, ...more] = ofKind(kind);
    if (!first) continue;
    if (more.length > 0) {
      const unsure = [first, ...more].map(({ path }) => ({ path, like: ['seg'], because: severalFiles }));
      return { ...foreground, unsure };
    }
    const mask = { path: first.path };
    const read = kind === 'lesion' ? labelConventions.any : await bidsConvention(first.path, folder);
    if (read === undefined) return { ...foreground, mask };
    if ('unclear' in read)
      return { ...foreground, mask, unclear: unclearLabels(relative(folder, first.path), read) };
    if (!namesTissues(read)) return { ...foreground, mask, labels: read };
    const because = 'its table names tissues, no tumour';
    return { ...foreground, unsure: [{ path: first.path, like: ['seg'], because }] };
  }
  return foreground;
}
