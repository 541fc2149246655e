import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { defaultRingWidthMm, defaultSliceStep } from '../evaluate/evaluation-defaults.js';
import { addDataSetOptions, addSyntheticOption } from './add-data-set-options.js';
import { addExecutorOptions } from './add-executor-options.js';
import { declareCommand } from './command-table.js';
import { addModelOption } from './model-choice.js';

/** Adds `utad evaluate <data set>`: how near a model's translations are to the truth. */
export function addEvaluateCommand(program: Command): void {
  const command = declareCommand(program, 'evaluate');
  addExecutorOptions(addModelOption(addSyntheticOption(addDataSetOptions(command))))
    .requiredOption(
      '--out <folder>',
      'folder for report.html, report.json, report.csv, slices.csv and sheets/',
    )
    .option(
      '--every <n>',
      `evaluate every n-th slice of those with enough brain (${defaultSliceStep})`,
      String(defaultSliceStep),
    )
    .option(
      '--ring <mm>',
      `width of the ring around the tumour (${defaultRingWidthMm})`,
      String(defaultRingWidthMm),
    )
    .option('--uniform', 'also SSIM with the uniform window of 7×7 pixels')
    .option(
      '--features [model]',
      'Fréchet, kernel and perceptual distance over features of this ONNX network, or of fixed filters',
    )
    .option(
      '--fuse [weights]',
      'also several sources fused, with weights of an earlier fusion.json, or learnt from the other patients',
    )
    .option(
      '--write-fusion',
      'with --fuse: the learnt weights go beside the model file too, for utad translate',
    )
    .addOption(
      new Option(
        '--sources <which>',
        'translate from each single other modality, or from all others of the patient together',
      )
        .choices(['each', 'all-but-one'])
        .default('each'),
    )
    .addOption(
      new Option(
        '--grid <which>',
        'compare on the patient’s own voxels as utad translate writes them, or on the network’s slices',
      )
        .choices(['native', 'model'])
        .default('native'),
    )
    .option(
      '--fit <whom>',
      'training patients for the local regression: a split file, the folder of a data set, or none; when left out those of --split, of the model file or of split.json',
    )
    .option('--sheet <file>', 'also the contact sheet of the median patient as this PNG file')
    .option(
      '--segmenter <file>',
      'also the tumour that this network finds on translations and on the truth: Dice of each region, surface distance, volume',
    )
    .option('--split <file>', 'JSON with the ids of the validation patients')
    .addOption(
      new Option(
        '--patients <which>',
        'whom to evaluate; validation patients where known when left out',
      ).choices(['all', 'validation']),
    )
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <number>', 'threads of each job on the CPU; all cores, shared, when left out')
    .action(
      keepingInputs(async (folder, options) =>
        (await import('./evaluate.js')).evaluateModel(folder, options),
      ),
    );
}
