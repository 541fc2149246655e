import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { readModelMetadata } from '../translate/read-model.js';
import type { Served } from './view-server.js';

/** The list of models beside the page, as the page reads it (`ShelfModel` in web/patient/store.ts). */
interface Manifest {
  readonly models: readonly {
    readonly name: string;
    readonly file: string;
    /** Text that tells more about it. */
    readonly card?: string;
  }[];
}

/**
 * The addresses of the built page and of models that are served beside it.
 *
 * @param page the folder of the built page
 * @param models model files, the first of them to be used first; those that came with the page follow
 * @throws UtadError not-found when the page is not built or a model not there; bad-file when one is none.
 */
export async function viewFiles(
  page: string,
  models: readonly string[],
): Promise<ReadonlyMap<string, Served>> {
  const index = join(page, 'index.html');
  if (!(await isFile(index))) {
    fail('not-found', {
      where: index,
      expected: 'the built page',
      got: 'nothing there',
      todo: 'Run npm run build.',
    });
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
  const shipped = await shippedModels(page);
  const given: { readonly name: string; readonly file: string }[] = [];
  for (const [number, path] of models.entries()) {
    readModelMetadata(await readFileBytes(path), path);
    const file = `given-${number + 1}.onnx`;
    files.set(`models/${file}`, { path: resolve(path) });
    given.push({ name: basename(path), file });
  }
  const others = shipped.models.filter(({ name }) => !given.some((one) => one.name === name));
  const manifest: Manifest = { models: [...given, ...others] };
  return files.set('models/manifest.json', { text: JSON.stringify(manifest) });
}

async function shippedModels(page: string): Promise<Manifest> {
  const path = join(page, 'models/manifest.json');
  if (!(await isFile(path))) return { models: [] };
  return JSON.parse(new TextDecoder().decode(await readFileBytes(path))) as Manifest;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
