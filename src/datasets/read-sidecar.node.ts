import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isRecord } from '../base/is-record.js';
import { readJson } from '../base/json.node.js';
import { fileFormats, withoutEnding } from '../imaging/formats/formats.js';
import { type BidsName, bidsNameOf } from './bids-name.js';
import { listFolder } from './list-folder.node.js';
import { doubtOfSidecar, type ModalityDoubt } from './sidecar-doubt.js';

type Json = Readonly<Record<string, unknown>>;

/** What the `.json` beside a volume says against the modality that its name gives. */
export async function doubtBeside(path: string, modality: string): Promise<ModalityDoubt | undefined> {
  const sidecar = `${withoutEnding(path, fileFormats)}.json`;
  return existsSync(sidecar) ? doubtOfSidecar(await jsonAt(sidecar), modality) : undefined;
}

/** Says what the sidecars of a BIDS data set hold against the modality of a volume's name. */
type BidsDoubts = (path: string, modality: string) => Promise<ModalityDoubt | undefined>;

/**
 * The same for volumes in BIDS, where files of a folder above apply as well and the nearest goes before the others.
 *
 * @param root folder of the data set, whose folders are listed once
 * @source BIDS 1.10, inheritance principle.
 */
export function doubtsInBids(root: string): BidsDoubts {
  const listed = new Map<string, Promise<readonly BidsSidecar[]>>();
  const sidecarsIn = (folder: string): Promise<readonly BidsSidecar[]> => {
    const found = listed.get(folder) ?? listSidecars(folder);
    listed.set(folder, found);
    return found;
  };
  return async (path, modality) => {
    const name = bidsNameOf(basename(path));
    let fields: Json = {};
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      for (const { file, suffix, entities } of await sidecarsIn(folder)) {
        const applies = Object.entries(entities).every(([key, value]) => name?.entities[key] === value);
        if (suffix === name?.suffix && applies) fields = { ...(await jsonAt(join(folder, file))), ...fields };
      }
      if (resolve(folder) === resolve(root) || folder === dirname(folder))
        return doubtOfSidecar(fields, modality);
    }
  };
}

type BidsSidecar = { readonly file: string } & Pick<BidsName, 'suffix' | 'entities'>;

async function listSidecars(folder: string): Promise<readonly BidsSidecar[]> {
  return (await listFolder(folder)).files.flatMap((file) => {
    const name = file.endsWith('.json') ? bidsNameOf(file) : undefined;
    return name === undefined ? [] : [{ file, suffix: name.suffix, entities: name.entities }];
  });
}

/** A broken sidecar says nothing. */
async function jsonAt(path: string): Promise<Json> {
  const value = await readJson(path).catch(() => undefined);
  return isRecord(value) ? value : {};
}
