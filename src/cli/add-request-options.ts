import { type Command, Option } from 'commander';
import { wholeNumberOption } from '../base/whole-number.js';
import type { DataSetFlags } from '../datasets/data-set-options.js';
import type { TranslatorRecord } from '../runs/run-folder.js';
import { presetNames } from '../training/preset-names.js';
import { addDataSetOptions, addSyntheticOption } from './add-data-set-options.js';
import { collectField } from './collect-field.js';

const stages = ['teacher', 'student', 'both'] as const satisfies readonly TranslatorRecord['stages'][];

/** What a new training run is asked for with. */
export interface RequestFlags extends DataSetFlags {
  readonly out: string;
  readonly stage: TranslatorRecord['stages'];
  readonly preset: string;
  readonly config?: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly iterations?: number;
  readonly seed?: number;
  readonly paired?: boolean;
  readonly split?: string;
  readonly teacher?: string;
}

/** Adds the options that say what to train and on what. */
export function addRequestOptions(command: Command): Command {
  return addSyntheticOption(addDataSetOptions(command))
    .addOption(new Option('--stage <stage>', 'what to train').choices(stages).default('both'))
    .option('--preset <name>', presetNames.join(', '), 'small')
    .option('--config <file>', 'JSON file with fields that override the preset')
    .option('--set <field=value>', 'overrides one field; may be repeated, after --config', collectField, {})
    .option('--iterations <n>', 'critic updates in each stage', wholeNumberOption('--iterations', 1, 1e9))
    .option('--seed <n>', 'seed of every random choice', wholeNumberOption('--seed', 0, 2 ** 31 - 1))
    .option('--paired', 'a training patient contributes all its modalities instead of one')
    .option('--split <file>', 'JSON with train and validation lists of case ids')
    .option('--teacher <run>', 'run whose teacher the student learns from, for --stage student');
}
