import { type Command, Option } from 'commander';
import { outputLayouts } from '../datasets/output-layout.js';
import { addDataSetOptions } from './add-data-set-options.js';
import { addMakingOptions } from './add-making-options.js';
import { addModelOption } from './model-choice.js';

const after = `
A single volume: --to names modalities, or is all; --out is a file for one, a folder for several.
A patient's DICOM files, in a folder or a ZIP: the series is chosen where it is surely recognised, or named with
--series and --from; what comes out is a DICOM series in the folder --out, or a NIfTI file where --out names one.
A data set: every patient is given what it lacks (--to missing), what is named and it lacks (--to t2,flair), or every
modality even where there is a scan (--to all). Call it again to go on where it stopped; what is finished is kept.

What comes out is synthetic: for research, not for diagnosis.`;

/** Adds `utad translate <volume or data set>`: missing modalities of a patient or of all patients of a data set. */
export function addTranslateCommand(program: Command): void {
  const command = program
    .command('translate')
    .description('makes missing modalities of a patient, or of every patient of a data set')
    .argument(
      '<volume or data set>',
      'skull-stripped volume: NIfTI file, DICOM folder or ZIP; or a data set’s folder',
    )
    .requiredOption('--to <modalities>', 'modalities to make with commas between, `missing` or `all`')
    .requiredOption('--out <path>', 'file to write, .nii or .nii.gz; a folder where there are several');
  addMakingOptions(command)
    .addOption(
      new Option('--layout <name>', 'layout of a data set’s output; as the data set’s').choices(
        outputLayouts,
      ),
    )
    .addOption(
      new Option('--complete [how]', 'also puts a data set’s scans beside, as links or copies').choices([
        'link',
        'copy',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'of what is made; dicom needs DICOM sources').choices([
        'nifti',
        'dicom',
      ]),
    )
    .option(
      '--mask <file>',
      'tumour mask on the volume’s grid, for the model of a teacher; a data set’s own are taken',
    )
    .option('--series <name>', 'number, UID or description of the DICOM series to make from')
    .option('--volume-index <n>', 'which volume of a 4-D file, from 0');
  addDataSetOptions(addModelOption(command))
    .addHelpText('after', after)
    .action(async (path, options) => (await import('./translate.js')).translate(path, options));
}
