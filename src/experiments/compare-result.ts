import { z } from 'zod';
import { findJson, writeJson } from '../base/json.node.js';
import { patientSchema } from '../evaluate/report-schema.js';
import { methodNames } from './compare-methods.js';
import type { MethodResult } from './comparison-report.js';

/** One slice of a judged patient in one direction, for the page; images [S,S] in 256 steps of [0, 1]. */
export interface ComparedPicture {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  readonly side: number;
  readonly given: Uint8Array;
  readonly made: Uint8Array;
  readonly truth: Uint8Array;
  /** 1 in the tumour. */
  readonly outline: Uint8Array | null;
}

/** What is kept of a network that was trained and judged. */
export interface FinishedMethod {
  readonly result: MethodResult;
  readonly pictures: readonly ComparedPicture[];
}

const image = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const schema = z.object({
  result: z.object({
    method: z.enum(methodNames as readonly [(typeof methodNames)[number], ...typeof methodNames]),
    seed: z.int(),
    device: z.string(),
    iterations: z.int(),
    seconds: z.number(),
    parameters: z.int(),
    patients: z.array(patientSchema),
  }),
  judging: z.object({ every: z.int(), pair: z.tuple([z.string(), z.string()]) }),
  pictures: z.array(
    z.object({
      patient: z.string(),
      source: z.string(),
      target: z.string(),
      side: z.int(),
      given: image,
      made: image,
      truth: image,
      outline: image.nullable(),
    }),
  ),
});

/** What is looked at. */
export interface Judging {
  /** Every n-th slice. */
  readonly every: number;
  /** The modalities of the pictures. */
  readonly pair: readonly [string, string];
}

/**
 * What a finished network reached.
 *
 * @param judging what is asked for now
 * @returns null where there is no whole file of it, or where something else was looked at
 */
export async function readFinished(path: string, judging: Judging): Promise<FinishedMethod | null> {
  const found = await findJson(path, schema);
  if (found === undefined || JSON.stringify(found.judging) !== JSON.stringify(judging)) return null;
  return found;
}

/** Writes what a network reached. @throws UtadError io. */
export async function writeFinished(
  path: string,
  { result, pictures }: FinishedMethod,
  { every, pair }: Judging,
): Promise<void> {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const drawn = pictures.map(({ given, made, truth, outline, ...rest }) => ({
    ...rest,
    given: text(given),
    made: text(made),
    truth: text(truth),
    outline: outline && text(outline),
  }));
  const file = { result, judging: { every, pair }, pictures: drawn };
  await writeJson(path, file, 1);
}
