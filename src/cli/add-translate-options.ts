import { type Command, Option } from 'commander';
import type { TranslateSettings } from '../cohort/translation-job.js';
import { defaultReadLimits } from '../imaging/read-limits.js';
import { addDryRunOption } from './add-data-set-options.js';
import { addExecutorOptions, type ExecutorFlags } from './add-executor-options.js';

/** The options that every command that translates volumes takes. */
export interface TranslateFlags extends ExecutorFlags {
  readonly model: string;
  readonly to: string;
  readonly out: string;
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
  readonly dryRun?: boolean;
}

/** Adds the options of {@link TranslateFlags} that are the same in every command. */
export function addTranslateOptions(command: Command): Command {
  return addDryRunOption(addExecutorOptions(command))
    .option(
      '--from <modality>',
      'modality of a single volume (default: from its file name); for a data set, the modality to translate from',
    )
    .option(
      '--fuse [weights]',
      'for a data set: translates from all modalities of a patient and fuses the results, with a fusion.json, ' +
        '`mean`, or the weights beside the model file (default)',
    )
    .option('--spread', 'with --fuse: also writes the standard deviation between the translations')
    .option(
      '--mask-brain <file>',
      'brain mask on the grid of the volume; for a data set with {id} for the patient',
    )
    .option(
      '--skull-strip <model>',
      'ONNX network that finds the brain in volumes that are not skull-stripped',
    )
    .option('--check', 'also writes maps of where the translation disagrees with itself')
    .option('--segmenter <file>', 'with --check: warns if a tumour that is visible in the source is lost')
    .option('--device <name>', 'cpu, a device by name, or auto (the fastest that agrees with the CPU)', 'cpu')
    .option('--threads <number>', 'CPU threads of each job (default: all cores, shared among the jobs)')
    .addOption(
      new Option('--datatype <type>', 'voxel type of NIfTI files (default: float32)').choices([
        'float32',
        'int16',
      ]),
    )
    .option('--max-voxels <number>', `refuses larger volumes (default: ${defaultReadLimits.maximumVoxels})`)
    .option(
      '--max-bytes <number>',
      `refuses larger files, packed or unpacked (default: ${defaultReadLimits.maximumBytes})`,
    )
    .option('--force', 'overwrites existing files');
}
