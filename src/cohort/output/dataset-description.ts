import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { refuse } from '../../base/errors.js';
import { readJson, writeJson } from '../../base/json.node.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import type { TranslateSettings } from '../translation-job.js';

const generator = 'utad-net';
const oursSchema = z.object({ GeneratedBy: z.array(z.object({ Name: z.string() })) });

/**
 * Writes `dataset_description.json` into a folder of synthetic volumes: the same bytes for the same model and source,
 * so that several processes can write it at once.
 *
 * @param out the folder
 * @param source the data set that the volumes are translated from
 * @throws UtadError exists when the folder is another data set, which has a description of its own.
 */
export async function writeDescription(
  out: string,
  { path, sha256 }: TranslateSettings['model'],
  source: string,
): Promise<void> {
  const file = join(out, 'dataset_description.json');
  if (existsSync(file) && !(await isOurs(file))) {
    refuse('exists', {
      where: file,
      problem: 'describes another data set',
      todo: 'Choose a folder of its own for the synthetic volumes, such as derivatives/utad.',
    });
  }
  const description = datasetDescription(
    { Name: generator, Version: packageVersion(), Description: `${basename(path)}, SHA-256 ${sha256}` },
    relative(out, source).replaceAll('\\', '/'),
  );
  await writeJson(file, description);
}

/**
 * BIDS' `dataset_description.json` of a folder of synthetic volumes.
 *
 * @param generatedBy the program
 * @param source the data set that they are translated from, relative to the folder
 */
function datasetDescription(
  generatedBy: { readonly Name: string; readonly Version: string; readonly Description: string },
  source: string,
): object {
  return {
    Name: 'Synthetic MRI made by utad-net; for research, not for diagnosis',
    BIDSVersion: '1.9.0',
    DatasetType: 'derivative',
    GeneratedBy: [generatedBy],
    SourceDatasets: [{ URL: source }],
  };
}

async function isOurs(file: string): Promise<boolean> {
  const found = oursSchema.safeParse(await readJson(file));
  return found.success && found.data.GeneratedBy.some(({ Name }) => Name === generator);
}
