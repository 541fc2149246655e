import { z } from 'zod';
import { isRecord } from '../base/is-record.js';
import { patientSchema } from '../evaluate/report-schema.js';
import { methodNames } from './compare-methods.js';
import type { MethodResult } from './comparison-report.js';
import type { ResultForm } from './experiment-folder.js';

/** One slice of a test patient in one direction, for the page; images [S,S] in 256 steps of [0, 1]. */
export interface ComparedPicture {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  readonly side: number;
  readonly given: Uint8Array;
  readonly translated: Uint8Array;
  readonly truth: Uint8Array;
  /** 1 in the tumour. */
  readonly outline: Uint8Array | null;
}

/** What is kept of a network that was trained and evaluated. */
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
    patients: z.array(z.preprocess(withTodaysNames, patientSchema)),
  }),
  judging: z.object({ every: z.int(), pair: z.tuple([z.string(), z.string()]) }),
  pictures: z.array(
    z.object({
      patient: z.string(),
      source: z.string(),
      target: z.string(),
      side: z.int(),
      given: image,
      translated: image,
      truth: image,
      outline: image.nullable(),
    }),
  ),
});

/** A patient's scores as version 0.1.0 stored them had another name for a baseline. */
function withTodaysNames(stored: unknown): unknown {
  if (!isRecord(stored) || !('matched' in stored)) return stored;
  const { matched, ...rest } = stored;
  return { histogramMatched: matched, ...rest };
}

/** What is looked at. */
interface EvaluatedDirections {
  /** Every n-th slice. */
  readonly every: number;
  /** The modalities of the pictures. */
  readonly pair: readonly [string, string];
}

/** How what a network reached is stored; a result of other slices or another pair is not taken again. */
export function finishedForm({
  every,
  pair,
}: EvaluatedDirections): ResultForm<FinishedMethod, typeof schema> {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    schema,
    read: (stored) => (JSON.stringify(stored.judging) === JSON.stringify({ every, pair }) ? stored : null),
    write: ({ result, pictures }) => ({
      result,
      judging: { every, pair },
      pictures: pictures.map(({ given, translated, truth, outline, ...rest }) => ({
        ...rest,
        given: text(given),
        translated: text(translated),
        truth: text(truth),
        outline: outline && text(outline),
      })),
    }),
  };
}
