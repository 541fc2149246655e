import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { writtenConventions } from '../segmentation/label-map.js';
import { addDataSetOptions, addDryRunOption, addSyntheticOption } from './add-data-set-options.js';

/** Adds `utad segment predict <volumes or patient or data set> --model <file> --out <file or folder>`. */
export function addSegmentPredictCommand(segment: Command): void {
  const command = segment
    .command('predict')
    .description('finds tumour regions in a patient, or in every patient of a data set')
    .argument(
      '<paths...>',
      'one patient’s volumes (named as in BraTS, or t1=<file> t2=<file> …), its folder, or a data set’s',
    );
  addDryRunOption(addSyntheticOption(addDataSetOptions(command)))
    .requiredOption('--model <file>', 'file that utad segment train wrote')
    .requiredOption('--out <path>', 'label map to write, .nii or .nii.gz; a folder for a data set')
    .addOption(
      new Option(
        '--write-labels <convention>',
        'what the label map holds; as the model’s when left out',
      ).choices([...Object.keys(writtenConventions), 'numbered']),
    )
    .option('--probabilities', 'also writes the probability of each region')
    .option('--force', 'overwrite files that are there already')
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .addHelpText(
      'after',
      '\nWhat a patient lacks of the network’s modalities is given as background. For research, not for diagnosis.',
    )
    .action(
      keepingInputs(async (paths, options) => (await import('./segment-predict.js')).predict(paths, options)),
    );
}
