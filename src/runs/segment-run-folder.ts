import { writeJson } from '../base/json.node.js';
import { join } from 'node:path';
import { z } from 'zod';
import { segmentationConfigurationSchema } from '../methods/segmenter-configuration.js';
import { readRecord, recordedDataFields, runPaths } from './run-folder.js';

const recordSchema = z.object({
  format: z.literal(1),
  kind: z.literal('segmenter'),
  /** When the run began, ISO 8601. */
  created: z.string(),
  codeVersion: z.string(),
  ...recordedDataFields,
  configuration: segmentationConfigurationSchema,
});

/** What a segmenter's run says of itself, written before the first update and never changed. */
export type SegmenterRecord = Readonly<z.infer<typeof recordSchema>>;

/** Paths in a segmenter's run. */
export const segmenterPaths = {
  record: runPaths.record,
  cache: runPaths.cache,
  training: (run: string): string => join(run, 'segmenter'),
  model: (run: string): string => join(run, 'segmenter.onnx'),
  validation: (run: string): string => join(run, 'validation.json'),
} as const;

/** Writes the record of a new run. @throws UtadError io. */
export async function writeSegmenterRecord(run: string, record: SegmenterRecord): Promise<void> {
  await writeJson(segmenterPaths.record(run), record);
}

/** Reads the record of a run. @throws UtadError as `readRecord`. */
export function readSegmenterRecord(run: string): Promise<SegmenterRecord> {
  return readRecord(
    run,
    recordSchema,
    'the record of a segmenter’s training run',
    'Choose the folder that `utad segment train --out` made.',
  );
}
