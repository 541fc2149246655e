import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { groupBy } from '../base/group-by.js';
import { type BidsName, bidsNameOf, maskKindOf, modalityOfBidsName, versionOf } from './bids-name.js';
import { bidsConvention } from './bids-table.node.js';
import type { CaseFiles } from './case.js';
import type { CaseDoubt, CaseNote, DataSet } from './data-set.js';
import { type LabelConvention, labelConventions } from './label-convention.js';
import { listFolder } from './list-folder.node.js';
import { inModalityOrder } from './modality-name.js';

interface Found {
  readonly path: string;
  readonly name: BidsName;
  readonly caseId: string;
  /** Folder of the data set or the derivative that the file lies in. */
  readonly root: string;
}

interface Image extends Found {
  readonly modality: string;
  readonly version: string;
}

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
  const images = files.flatMap((file): Image[] => {
    const modality = modalityOfBidsName(file.name);
    if (modality === undefined) return [];
    return [{ ...file, modality, version: versionKey(folder, file) }];
  });
  if (images.length === 0) return undefined;
  const masks = files.filter(({ name }) => maskKindOf(name) !== undefined);
  const versions = groupBy(images, ({ version }) => version);
  const chosen = [...versions.keys()].sort(
    (a, b) => rank(versions.get(b)!, masks) - rank(versions.get(a)!, masks) || (a < b ? -1 : 1),
  )[0]!;
  const notes: CaseNote[] = [];
  const doubts: CaseDoubt[] = [];
  const cases: CaseFiles[] = [];
  for (const [id, own] of groupBy(versions.get(chosen)!, ({ caseId }) => caseId)) {
    const add = (text: string): void => void notes.push({ severity: 'warning', caseId: id, text });
    const ownMasks = masks.filter((mask) => mask.caseId === id && sameSpace(mask, own[0]!));
    const modalities = modalitiesOf(own, add);
    const elsewhere = images.filter(({ caseId, version }) => caseId === id && version !== chosen);
    for (const { modality, path, version } of [...own, ...elsewhere])
      if (modalities[modality] === undefined)
        doubts.push({ caseId: id, modality, text: `${relative(folder, path)} (${version})` });
    cases.push({ id, modalities, ...(await maskOf(ownMasks, own, folder, add)) });
  }
  const others = [...versions.keys()].filter((version) => version !== chosen);
  return {
    folder,
    layout: 'bids',
    because: `sub-… folders with anatomical images, ${chosen}${others.length > 0 ? ` (rather than ${others.join('; ')})` : ''}`,
    modalities: inModalityOrder(versions.get(chosen)!.map(({ modality }) => modality)),
    cases: cases.sort((a, b) => (a.id < b.id ? -1 : 1)),
    labelsPerPatient: false,
    foregroundByModality: {},
    notes,
    doubts,
  };
}

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
  const subjects = (await listFolder(root)).folders.filter((name) => /^sub-[a-zA-Z0-9+]+$/.test(name));
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

function modalitiesOf(own: readonly Image[], add: (text: string) => void): CaseFiles['modalities'] {
  const modalities: Record<string, { readonly path: string }> = {};
  for (const [modality, candidates] of groupBy(own, (image) => image.modality)) {
    const runs = new Set(candidates.map(({ name }) => JSON.stringify({ ...name.entities, run: '' })));
    const [first, ...more] = candidates.toSorted((a, b) => runOf(a) - runOf(b));
    if (more.length > 0 && runs.size > 1) {
      const names = candidates.map(({ path }) => basename(path)).join(', ');
      add(`${modality} left out, for there are several: ${names}. Name one in a mapping file`);
      continue;
    }
    if (more.length > 0)
      add(`${modality}: the first of ${candidates.length} runs is taken, ${basename(first!.path)}`);
    modalities[modality] = { path: first!.path };
  }
  return modalities;
}

const runOf = ({ name }: Found): number => Number(name.entities['run'] ?? 0);

async function maskOf(
  masks: readonly Found[],
  images: readonly Image[],
  folder: string,
  add: (text: string) => void,
): Promise<Pick<CaseFiles, 'mask' | 'labels' | 'foreground'>> {
  const ofKind = (kind: string): readonly Found[] => masks.filter(({ name }) => maskKindOf(name) === kind);
  const isStripped = images.some(({ name }) => /brain|strip|^ss$|bet/i.test(name.entities['desc'] ?? ''));
  const [brain] = ofKind('brain');
  const foreground = brain && !isStripped ? { foreground: { path: brain.path } } : {};
  for (const kind of ['labels', 'lesion']) {
    const [first, ...more] = ofKind(kind);
    if (!first) continue;
    if (more.length > 0) {
      const names = [first, ...more].map(({ path }) => basename(path)).join(', ');
      add(`mask left out, for there are several: ${names}. Name one in a mapping file`);
      return foreground;
    }
    const labels: LabelConvention | undefined =
      kind === 'lesion' ? labelConventions.any : await bidsConvention(first.path, folder);
    return { ...foreground, mask: { path: first.path }, ...(labels === undefined ? {} : { labels }) };
  }
  return foreground;
}
