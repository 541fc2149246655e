import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { outputLayouts } from '../datasets/output-layout-name.js';
import type { FormatName } from '../imaging/formats/formats.js';
import { addDataSetOptions } from './add-data-set-options.js';
import { addTranslateOptions } from './add-translate-options.js';
import { declareCommand } from './command-table.js';
import { addModelOption } from './model-choice.js';

const after = `
A single volume: --to names modalities, or is all; --out is a file for one modality, a folder for several.
A patient's DICOM files, in a folder or a ZIP: the series is chosen automatically if it is recognised beyond doubt;
otherwise name it with --series and --from. The output is a DICOM series in the folder --out, or a NIfTI file if --out
ends in .nii or .nii.gz.
A data set: --to missing fills every gap, --to t2,flair fills gaps of these modalities, --to all translates into every
modality, even where there is a scan. Run it again to continue; finished volumes are kept.

The output is synthetic: for research, not for diagnosis.`;

/** The formats to choose from; their table itself is not loaded for the options. */
const formats = { nifti: true, dicom: true } as const satisfies Record<FormatName, true>;

/** Adds `utad translate <volume or data set>`: missing modalities of a patient or of all patients of a data set. */
export function addTranslateCommand(program: Command): void {
  const command = declareCommand(program, 'translate')
    .requiredOption('--to <modalities>', 'target modalities, separated by commas, or `missing` or `all`')
    .requiredOption('--out <path>', 'output file (.nii or .nii.gz), or a folder for several volumes');
  addTranslateOptions(command)
    .addOption(
      new Option('--layout <name>', 'layout of the output of a data set (default: as its input)').choices(
        outputLayouts,
      ),
    )
    .addOption(
      new Option('--complete [how]', 'also puts the scans of a data set beside, as links or copies').choices([
        'link',
        'copy',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'output format; dicom requires DICOM input').choices(
        Object.keys(formats),
      ),
    )
    .option(
      '--mask <file>',
      'tumour mask on the grid of a single volume, for a teacher model; data sets bring their own',
    )
    .option('--series <name>', 'number, UID or description of the DICOM series to translate')
    .option('--volume-index <n>', 'volume of a 4-D file, from 0');
  addDataSetOptions(addModelOption(command))
    .addHelpText('after', after)
    .action(
      keepingInputs(async (path, options) => (await import('./translate.js')).translate(path, options)),
    );
}
