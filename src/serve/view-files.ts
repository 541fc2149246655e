import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { refuse } from '../base/errors.js';
import { readWholeModel } from '../translate/model-file-metadata.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { readMasklessModelMetadata, readModelMetadata } from '../translate/read-model.js';
import { shippedModels, shippedModelsFolder } from '../translate/shipped-models.node.js';
import type { Served } from './view-server.js';

/** The list of models beside the page, as the page reads it (`ShelfModel` in web/state/patient-state.ts). */
interface Manifest {
  readonly models: readonly {
    readonly name: string;
    readonly file: string;
    /** The page knows by it what the model makes, before the file itself is fetched. */
    readonly metadata: ModelMetadata;
    /** Text that tells more about it. */
    readonly card?: string;
  }[];
}

/**
 * The addresses of the built page and of models that are served beside it.
 *
 * @param page the folder of the built page
 * @param models model files, the first of them to be used first
 * @param shipped folder of the models that come with the package; they follow, the smallest first
 * @throws UtadError not-found when the page is not built or a model not there; bad-file when one is none.
 */
export async function viewFiles(
  page: string,
  models: readonly string[],
  shipped: string = shippedModelsFolder,
): Promise<ReadonlyMap<string, Served>> {
  const index = join(page, 'index.html');
  if (!(await isFile(index))) {
    refuse('not-found', { where: index, problem: 'the page is not built', todo: 'Run npm run build.' });
  }
  const names = await readdir(page, { recursive: true, withFileTypes: true });
  const files = new Map<string, Served>();
  for (const entry of names) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(
      path
        .slice(resolve(page).length + 1)
        .split(sep)
        .join('/'),
      { path },
    );
  }
  files.set('', { path: index });
  const listed: Manifest['models'][number][] = [];
  for (const [number, path] of models.entries()) {
    const file = `given-${number + 1}.onnx`;
    files.set(`models/${file}`, { path: resolve(path) });
    listed.push({
      name: basename(path),
      file,
      metadata: readMasklessModelMetadata(await readWholeModel(path), path),
    });
  }
  for (const { name, path } of await shippedModels(shipped)) {
    const file = `${name}.onnx`;
    if (listed.some((one) => one.name === file)) continue;
    const metadata = readModelMetadata(await readWholeModel(path), path);
    // The page has no masks to give a teacher.
    if (metadata.model.tumourMask) continue;
    const card = { path: join(shipped, `${name}.md`), file: `${name}.txt` };
    const hasCard = await isFile(card.path);
    files.set(`models/${file}`, { path });
    if (hasCard) files.set(`models/${card.file}`, { path: card.path });
    listed.push({ name: file, file, metadata, ...(hasCard ? { card: card.file } : {}) });
  }
  const manifest: Manifest = { models: listed };
  return files.set('models/manifest.json', { text: JSON.stringify(manifest) });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
