import { Argument, type Command } from 'commander';
import { presetNames } from '../training/preset-names.js';

/** What the list of commands says of one. */
interface CommandDeclaration {
  /** The heading that it stands below in `utad --help`. */
  readonly group: string;
  readonly description: string;
  readonly arguments?: readonly Argument[];
}

const dataSets = 'Data sets:';
const training = 'Training:';
const translation = 'Translation:';
const evaluation = 'Evaluation:';
const tools = 'Tools:';

/**
 * The commands in the order of `utad --help`, which this table alone is loaded for. The options of a command are declared
 * in `add-….ts`, and what it does is another file again: each is loaded when it is needed.
 */
const table = {
  translate: {
    group: translation,
    description: 'translates a patient, or every patient of a data set, into missing modalities',
    arguments: [
      new Argument(
        '<volume or data set>',
        'skull-stripped volume (NIfTI file, DICOM folder or ZIP), or the folder of a data set',
      ),
    ],
  },
  bids: {
    group: translation,
    description: 'translates a BIDS data set into missing modalities, with the arguments of a BIDS App',
    arguments: [
      new Argument('<bids_dir>', 'BIDS data set'),
      new Argument('<output_dir>', 'folder of the derivatives, such as <bids_dir>/derivatives/utad'),
      new Argument('<analysis_level>').choices(['participant', 'group']),
    ],
  },
  view: {
    group: translation,
    description:
      'opens the viewer in the browser: see and translate a patient, without a byte leaving this computer',
  },
  inspect: {
    group: dataSets,
    description: 'lists the patients of a data set, their modalities, geometry, labels and every problem',
    arguments: [
      new Argument(
        '<data set>',
        'folder as of BraTS, the Decathlon, nnU-Net, BIDS or DICOM, or described by --map',
      ),
    ],
  },
  phantom: {
    group: dataSets,
    description: 'makes a data set of brain-tumour patients that never lived',
  },
  'corrupt-masks': {
    group: dataSets,
    description:
      'lays down a data set with links to the same images and worse masks, to see what that does to a training',
    arguments: [new Argument('<data set>', 'folder whose volumes are single NIfTI files')],
  },
  train: {
    group: training,
    description: 'trains a teacher with tumour masks and distils it into a student that needs none',
    arguments: [
      new Argument(
        '[data set]',
        'folder as of BraTS, the Decathlon, nnU-Net, BIDS or DICOM, or described by --map; not needed with --resume',
      ),
    ],
  },
  segment: {
    group: training,
    description: 'trains a network that finds tumour regions, and uses it',
  },
  config: {
    group: training,
    description: 'lists every field of a preset with its value, its default and its meaning',
    arguments: [
      new Argument('[preset]', `${presetNames.join(', ')}; of a segmenter: small, tiny`).default('small'),
    ],
  },
  report: {
    group: training,
    description:
      'writes one self-contained page about a training run: curves, samples, figures, configuration',
    arguments: [new Argument('<run>', 'folder of utad train; it may still be training')],
  },
  sweep: {
    group: training,
    description: 'trains over seeds, folds, widths or ablations, and compares the validations',
    arguments: [new Argument('<data set>', 'folder of any layout that utad train takes')],
  },
  evaluate: {
    group: evaluation,
    description: 'measures a model on patients that have several modalities: brain, tumour, and around it',
    arguments: [
      new Argument(
        '<data set>',
        'folder as of BraTS, the Decathlon, nnU-Net, BIDS or DICOM, or described by --map',
      ),
    ],
  },
  check: {
    group: evaluation,
    description:
      'says whether tumours survive translation, and whether the disagreement maps tell its errors',
    arguments: [
      new Argument(
        '<data set>',
        'folder with patients that have several modalities, of any layout that utad evaluate takes',
      ),
    ],
  },
  compare: {
    group: evaluation,
    description:
      'trains other networks, and ours with parts left out, under one budget, and evaluates them alike',
    arguments: [new Argument('<data set>', 'folder of patients with masks')],
  },
  downstream: {
    group: evaluation,
    description:
      'trains segmentation networks where a modality is missing and filled in, left out, copied, or true',
    arguments: [new Argument('<data set>', 'folder with complete patients and masks')],
  },
  weights: {
    group: tools,
    description:
      'takes the generator out of a checkpoint, makes a model file of it, or makes a model file smaller',
    arguments: [
      new Argument(
        '<file>',
        'checkpoint of utad train, .safetensors of a generator of the published code, or .onnx to make smaller',
      ),
    ],
  },
  graph: {
    group: tools,
    description:
      'shows what a program consists of: operations, parameters by part, floating-point operations',
  },
  jobs: {
    group: tools,
    description: 'lists, shows, resumes and cancels jobs in a cluster (--slurm)',
  },
  doctor: {
    group: tools,
    description: 'examines the devices of this machine and says which one will compute',
  },
  demo: {
    group: tools,
    description: 'trains on phantom patients, translates a held-out one and shows the result as a page',
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;

/** A command of `utad`. */
export type CommandName = keyof typeof table;

/** All commands, in the order of `utad --help`. */
export const commandNames = Object.keys(table) as readonly CommandName[];

/** Whether a word names a command. */
export function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(table, word);
}

/** Adds a command with its description and arguments, and without its options. */
export function declareCommand(program: Command, name: CommandName): Command {
  const declaration: CommandDeclaration = table[name];
  const command = program.command(name).description(declaration.description).helpGroup(declaration.group);
  for (const one of declaration.arguments ?? []) command.addArgument(one);
  return command;
}
