import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { UtadError } from '../base/errors.js';
import { defaultShippedModel, shippedModel, shippedModelsFolder } from '../translate/shipped-models.node.js';

/** Adds `--model`, which need not be given where models come with the package. */
export function addModelOption(command: Command): Command {
  return command.option(
    '--model <file>',
    `model file, .onnx, or the name of one that comes with utad-net; ${defaultShippedModel} when left out`,
  );
}

/**
 * Options whose model is the file of what is asked for: a file as it is, the name of a model that comes with this
 * package, or the usual one of these where nothing is said; see {@link sayModel}.
 *
 * @throws UtadError not-found when no model of this name comes with this copy.
 */
export async function withModel<Options extends object>(
  options: Options & { readonly model?: string },
  folder: string = shippedModelsFolder,
): Promise<Options & { readonly model: string }> {
  return { ...options, model: await modelFile(options.model, folder) };
}

/** Says on the error stream which model is used where nobody named one, once the call is known to be right. */
export function sayModel(asked: string | undefined, path: string): void {
  if (asked === undefined)
    console.error(`Model: ${defaultShippedModel}, which comes with utad-net (${path})`);
}

/** The file of one model that is asked for, as {@link withModel}. */
export async function modelFile(
  asked: string | undefined,
  folder: string = shippedModelsFolder,
): Promise<string> {
  const isThere = asked !== undefined && (await stat(asked).catch(() => undefined)) !== undefined;
  const isPath = asked !== undefined && /[/\\]|\.onnx$/.test(asked);
  if (isThere || isPath) return asked;
  try {
    return await shippedModel(asked, folder);
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    throw new UtadError(error.code, { ...error.detail, where: '--model' }, { cause: error });
  }
}
