import type { z } from 'zod';
import { fail, UtadError } from '../../base/errors.js';
import { readInput, reasonOf } from '../../base/files.node.js';
import { readConfiguration } from '../../base/read-configuration.js';
import { requireSelfContained } from '../onnx/self-contained.js';
import * as ort from '../runtime/onnx-runtime.node.js';

/** A network that others made, and what the JSON file beside it says of it. */
interface ForeignNetwork<S extends z.ZodObject> {
  readonly session: ort.InferenceSession;
  readonly description: z.infer<S>;
  readonly bytes: Uint8Array;
}

/**
 * Opens an ONNX network of any origin on the CPU. A JSON file of the same name beside it may describe it; where there
 * is none, the schema's defaults hold.
 *
 * @throws UtadError not-found, bad-file when it is no network, bad-configuration for a wrong JSON file.
 */
export async function openForeignNetwork<S extends z.ZodObject>(
  path: string,
  schema: S,
  { threads }: { readonly threads?: number } = {},
): Promise<ForeignNetwork<S>> {
  const description = await readDescription(path.replace(/\.onnx$/i, '.json'), schema);
  const bytes = await readInput(path);
  requireSelfContained(bytes, path);
  try {
    const session = await ort.InferenceSession.create(bytes, {
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
    return { session, description, bytes };
  } catch (cause) {
    return fail(
      'bad-file',
      { where: path, expected: 'a network that ONNX Runtime can load', got: reasonOf(cause) },
      { cause },
    );
  }
}

async function readDescription<S extends z.ZodObject>(path: string, schema: S): Promise<z.infer<S>> {
  let json: unknown = {};
  try {
    json = JSON.parse(new TextDecoder().decode(await readInput(path)));
  } catch (cause) {
    const missing = cause instanceof UtadError && cause.code === 'not-found';
    if (!missing) fail('bad-file', { where: path, expected: 'JSON', got: reasonOf(cause) }, { cause });
  }
  return readConfiguration(schema, json, path);
}
