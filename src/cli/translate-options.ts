import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { requireKnownModalities } from '../check/find-tumour.js';
import { modelHash } from '../cohort/open-model.js';
import type { TranslateSettings } from '../cohort/translation-job.js';
import { defaultReadLimits, type ReadLimits } from '../imaging/read-limits.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import { addExecutorOptions, type ExecutorFlags } from './executor-options.js';
import { metadataOfModelFile } from './translate-cohort.js';

/** What commands that make volumes are told about how. */
export interface MakingFlags extends ExecutorFlags {
  readonly model: string;
  readonly from?: string;
  readonly fuse?: true | string;
  readonly spread?: boolean;
  readonly maskBrain?: string;
  readonly skullStrip?: string;
  readonly check?: boolean;
  readonly segmenter?: string;
  readonly device: string;
  readonly threads?: string;
  readonly datatype?: TranslateSettings['datatype'];
  readonly format?: TranslateSettings['format'];
  readonly maxVoxels?: string;
  readonly maxBytes?: string;
  readonly force?: boolean;
}

/** Adds the options of {@link MakingFlags} that every command that makes volumes takes. */
export function addMakingOptions(command: Command): Command {
  return addExecutorOptions(command)
    .option(
      '--from <modality>',
      'modality of the volume (else from its name); in a data set the one to make from',
    )
    .option(
      '--fuse [weights]',
      'in a data set: from all modalities of a patient, by the weights beside the model file, a fusion.json, or `mean`',
    )
    .option('--spread', 'with --fuse: also maps of how far the translations from each source lie apart')
    .option('--mask-brain <file>', 'brain mask on the volume’s grid; in a data set with {id} for the patient')
    .option('--skull-strip <model>', 'ONNX network that finds the brain in volumes that have their skull')
    .option('--check', 'also maps where the translation disagrees with itself, beside it')
    .option('--segmenter <file>', 'with --check: warns where a tumour seen in the source is lost')
    .option('--device <name>', 'cpu, auto (the fastest that agrees with it), or a device by name', 'cpu')
    .option('--threads <number>', 'threads of each job on the CPU; all cores, shared, when left out')
    .addOption(
      new Option('--datatype <type>', 'how voxels of NIfTI files are stored; float32 when left out').choices([
        'float32',
        'int16',
      ]),
    )
    .option('--max-voxels <number>', `refuses larger volumes (${defaultReadLimits.maximumVoxels})`)
    .option('--max-bytes <number>', `refuses larger files, packed or not (${defaultReadLimits.maximumBytes})`)
    .option('--force', 'overwrite files that are there already');
}

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
