import { isDeepStrictEqual } from 'node:util';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { requireKnownModalities } from '../check/find-tumour.js';
import { modelHash } from '../cohort/open-model.js';
import { insideOf } from '../segmentation/region-figures.js';
import { loadSegmenterFile, readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { Segmenter } from './tumour-agreement.js';

/**
 * Refuses a segmenter that cannot judge a model's translations: it has to know their modalities, and see slices that were
 * prepared as the model's are.
 *
 * @returns what the report says of it
 * @throws UtadError bad-argument; as `readSegmenterMetadata`.
 */
export async function requireFittingSegmenter(
  file: string,
  model: ModelMetadata,
): Promise<{ readonly file: string; readonly sha256: string }> {
  const segmenter = readSegmenterMetadata(await readFileBytes(file), file);
  requireKnownModalities(segmenter, model.model.modalities, file);
  if (isDeepStrictEqual(segmenter.recipe, model.recipe)) return { file, sha256: await modelHash(file) };
  return fail('bad-argument', {
    where: file,
    expected: `a segmenter of slices prepared as the model's: ${JSON.stringify(model.recipe)}`,
    got: JSON.stringify(segmenter.recipe),
    todo: 'Train one with these settings, or use utad check, which prepares for each.',
  });
}

/** A segmenter that looks at the translated modality, or its truth, alone. */
export async function openTumourFinder(
  file: string,
  options: { readonly device: string; readonly threads?: number },
): Promise<Segmenter & { readonly close: () => Promise<void> }> {
  const { segment, close } = await loadSegmenterFile(file, options);
  return {
    name: file,
    sha256: await modelHash(file),
    segment: async (images, target) => {
      const [outermost] = await segment({ [target]: images[target]! });
      return insideOf(outermost!);
    },
    close,
  };
}
