import { isDeepStrictEqual } from 'node:util';
import { fail } from '../base/errors.js';
import { readInput } from '../base/files.node.js';
import { modelHash } from '../cohort/open-model.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import { requireKnownModalities } from '../survival/find-tumour.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { GridName } from './compared-patient.js';

/**
 * Refuses a segmenter that cannot be asked about a model's translations: it has to know their modalities, and on the model's grid
 * take slices that were prepared as the model's are.
 *
 * @returns what the report says of it
 * @throws UtadError bad-argument; as `readSegmenterMetadata`.
 */
export async function requireFittingSegmenter(
  file: string,
  model: ModelMetadata,
  grid: GridName,
): Promise<{ readonly file: string; readonly sha256: string }> {
  const segmenter = readSegmenterMetadata(await readInput(file), file);
  requireKnownModalities(segmenter, model.model.modalities, file);
  if (grid === 'native' || isDeepStrictEqual(segmenter.recipe, model.recipe))
    return { file, sha256: await modelHash(file) };
  return fail('bad-argument', {
    where: file,
    expected: `a segmenter of slices prepared as the model's: ${JSON.stringify(model.recipe)}`,
    got: JSON.stringify(segmenter.recipe),
    todo: 'Leave out --grid model: on the native grid volumes are prepared for the segmenter.',
  });
}
