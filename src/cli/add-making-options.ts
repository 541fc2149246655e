import { type Command, Option } from 'commander';
import type { TranslateSettings } from '../cohort/translation-job.js';
import { defaultReadLimits } from '../imaging/read-limits.js';
import { addExecutorOptions, type ExecutorFlags } from './add-executor-options.js';

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
