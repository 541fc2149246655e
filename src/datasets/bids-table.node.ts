import { dirname, join, resolve } from 'node:path';
import { readFileBytes } from '../base/files.node.js';
import { readJson } from '../base/json.node.js';
import { bidsNameOf } from './bids-name.js';
import { conventionOfNames, type LabelConvention, type UnclearLabels } from './label-convention.js';
import { listFolder } from './list-folder.node.js';

type Row = { readonly labels: readonly number[]; readonly name: string };

/**
 * What the labels of a BIDS segmentation mean: by the nearest `…_dseg.tsv` (columns index and name) or `.json`
 * (`LabelMap`, name → label or label → name) that applies to it, beside it or in a folder above, up to `root`.
 *
 * @returns undefined when there is none
 * @throws UtadError bad-file for a table that cannot be read.
 * @source BIDS 1.10, inheritance principle; derivatives, discrete segmentations.
 */
export async function bidsConvention(
  mask: string,
  root: string,
): Promise<LabelConvention | UnclearLabels | undefined> {
  const name = bidsNameOf(mask.slice(dirname(mask).length + 1))!;
  for (let folder = dirname(mask); ; folder = dirname(folder)) {
    for (const file of (await listFolder(folder)).files) {
      const table = bidsNameOf(file);
      if (table?.suffix !== 'dseg' || !['.tsv', '.json'].includes(table.extension)) continue;
      if (Object.entries(table.entities).some(([key, value]) => name.entities[key] !== value)) continue;
      const rows =
        table.extension === '.tsv'
          ? rowsOfTsv(new TextDecoder().decode(await readFileBytes(join(folder, file))))
          : rowsOfJson(await readJson(join(folder, file)));
      if (rows.length > 0) return conventionOfNames(rows, file);
    }
    if (resolve(folder) === resolve(root) || folder === dirname(folder)) return undefined;
  }
}

function rowsOfTsv(text: string): readonly Row[] {
  const [head, ...lines] = text.split(/\r?\n/).map((line) => line.split('\t').map((cell) => cell.trim()));
  const [index, name] = [head?.indexOf('index') ?? -1, head?.indexOf('name') ?? -1];
  if (index < 0 || name < 0) return [];
  return lines
    .filter((cells) => cells.length > Math.max(index, name))
    .map((cells) => ({ labels: [Number(cells[index])], name: cells[name]! }))
    .filter(({ labels }) => labels.every(Number.isInteger));
}

function rowsOfJson(value: unknown): readonly Row[] {
  const map = (value as { LabelMap?: unknown } | null)?.LabelMap;
  if (typeof map !== 'object' || map === null) return [];
  return Object.entries(map).flatMap(([key, entry]): Row[] => {
    if (typeof entry === 'number') return [{ labels: [entry], name: key }];
    return typeof entry === 'string' && Number.isInteger(Number(key))
      ? [{ labels: [Number(key)], name: entry }]
      : [];
  });
}
