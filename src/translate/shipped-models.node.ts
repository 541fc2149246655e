import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireArguments } from '../base/arguments.js';
import { fail } from '../base/errors.js';

/** Where the models that come with this package lie; the folder need not be there. */
export const shippedModelsFolder: string = fileURLToPath(new URL('../../models/', import.meta.url));

/** What is used where nobody names a model: slower than the smaller ones, and better. */
export const defaultShippedModel = 'utad-brats-16';

/** A model file that comes with this package. */
export interface ShippedModel {
  /** File name without its ending. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** The models that come with this package, the smallest first; none where the folder is not there. */
export async function shippedModels(folder: string = shippedModelsFolder): Promise<readonly ShippedModel[]> {
  const files = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const models = files.filter((entry) => entry.isFile() && entry.name.endsWith('.onnx'));
  const found = await Promise.all(
    models.map(async ({ name }) => {
      const path = join(folder, name);
      return { name: name.slice(0, -'.onnx'.length), path, size: (await stat(path)).size };
    }),
  );
  return found.sort((a, b) => a.size - b.size || a.name.localeCompare(b.name));
}

/**
 * The file of a model that comes with this package.
 *
 * @param name as {@link shippedModels} lists it
 * @throws UtadError not-found when no model or none of this name comes with it.
 */
export async function shippedModel(
  name: string = defaultShippedModel,
  folder: string = shippedModelsFolder,
): Promise<string> {
  requireArguments('shippedModel', { name: [name, 'text'], folder: [folder, 'text'] });
  const models = await shippedModels(folder);
  const found = models.find((one) => one.name === name);
  if (found) return found.path;
  const names = models.map((one) => one.name);
  if (names.length > 0) {
    const { didYouMean } = await import('../base/read-configuration.js');
    return fail('not-found', {
      where: `model ${name}`,
      expected: `a model file, or one of ${names.join(', ')}`,
      got: name,
      ...didYouMean(name, names),
    });
  }
  return fail('not-found', {
    where: `model ${name}`,
    expected: 'a model that comes with utad-net',
    got: `none in ${folder}`,
    todo: 'Name a model file; utad train writes them, and utad demo makes a small one: demo/student/model.onnx.',
  });
}
