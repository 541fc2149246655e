import { resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import type { TranslateSettings } from '../cohort/translation-job.js';
import { defaultReadLimits, type ReadLimits } from '../imaging/read-limits.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import { requireKnownModalities } from '../survival/find-tumour.js';
import type { MakingFlags } from './add-making-options.js';
import { metadataOfModelFile } from './translate-cohort.js';

/**
 * Options as settings.
 *
 * @param usualFormat what is written where `--format` says nothing
 * @throws UtadError bad-argument for options that contradict each other; what reading the networks throws.
 */
export async function settingsOf(
  options: MakingFlags,
  usualFormat: TranslateSettings['format'],
): Promise<TranslateSettings> {
  const { device, threads, datatype, skullStrip, maskBrain } = options;
  const format = options.format ?? usualFormat;
  if (format === 'dicom' && datatype !== undefined) {
    const todo = 'DICOM images are stored in 16 bits: leave it out.';
    fail('bad-argument', { where: '--datatype', expected: '--format nifti', got: 'dicom', todo });
  }
  if (skullStrip !== undefined && maskBrain !== undefined) {
    const expected = '--mask-brain or --skull-strip';
    fail('bad-argument', { where: '--skull-strip', expected, got: 'both' });
  }
  if (options.segmenter !== undefined && !options.check)
    fail('bad-argument', { where: '--segmenter', expected: '--check as well', got: '--segmenter alone' });
  return {
    model: { path: resolve(options.model), sha256: await modelHash(options.model) },
    device,
    threads: threads === undefined ? null : wholeNumber('--threads', threads, 1, 256),
    datatype: datatype ?? 'float32',
    format,
    skullStrip: skullStrip === undefined ? null : resolve(skullStrip),
    check: options.check ? { segmenter: await segmenterOf(options) } : null,
    limits: limitsOf(options),
    force: options.force === true,
  };
}

/** The network that looks for the tumour. @throws UtadError bad-argument when it does not know what is translated. */
async function segmenterOf({
  segmenter,
  model,
}: MakingFlags): Promise<NonNullable<TranslateSettings['check']>['segmenter']> {
  if (segmenter === undefined) return null;
  const metadata = readSegmenterMetadata(await readFileBytes(segmenter), segmenter);
  requireKnownModalities(metadata, (await metadataOfModelFile(model)).model.modalities, segmenter);
  return { path: resolve(segmenter), sha256: await modelHash(segmenter) };
}

function limitsOf({ maxVoxels, maxBytes }: MakingFlags): ReadLimits {
  const { maximumVoxels, maximumBytes } = defaultReadLimits;
  const limit = (where: string, text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : wholeNumber(where, text, 1, Number.MAX_SAFE_INTEGER);
  return {
    maximumVoxels: limit('--max-voxels', maxVoxels, maximumVoxels),
    maximumBytes: limit('--max-bytes', maxBytes, maximumBytes),
  };
}
