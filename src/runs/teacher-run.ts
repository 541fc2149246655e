import { fail } from '../base/errors.js';
import { fieldOf } from '../base/read-configuration.js';
import { preparationRecipeSchema } from '../imaging/recipe.js';
import { generatorConfigurationSchema } from '../model/network-configuration.js';
import type { TrainingConfiguration } from '../training/training-configuration.js';
import { readTranslatorRecord, type TranslatorRecord } from './run-folder.js';

const { sliceSide: _, ...preparation } = preparationRecipeSchema.shape;

/** What a student shares with its teacher: what the generator is made of, and how slices are prepared. */
const sharedFields = [
  ...Object.keys(generatorConfigurationSchema.shape).map((field) => `model.${field}`),
  ...Object.keys(preparation).map((field) => `data.preparation.${field}`),
];

/** The fields that a student takes over from the run of its teacher unless it is given others, by their names. */
export async function fieldsOfTeacher(run: string): Promise<Record<string, unknown>> {
  const { configuration } = await readTranslatorRecord(run);
  return Object.fromEntries(
    sharedFields.flatMap((field) => {
      const value = fieldOf(configuration, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

/**
 * Checks that a student can learn from the teacher of another run.
 *
 * @returns the record of the teacher's run
 * @throws UtadError bad-configuration, naming the first field that differs.
 */
export async function requireTeacher(run: string, student: TrainingConfiguration): Promise<TranslatorRecord> {
  const record = await readTranslatorRecord(run);
  for (const field of sharedFields) {
    const [own, expected] = [student, record.configuration].map((one) => fieldOf(one, field));
    if (JSON.stringify(own) === JSON.stringify(expected)) continue;
    fail('bad-configuration', {
      where: field,
      expected: `${JSON.stringify(expected) ?? 'none'} as in ${run}`,
      got: JSON.stringify(own) ?? 'none',
      todo:
        field === 'model.baseChannels'
          ? "These are the teacher's; a student of another width is asked for with model.studentBaseChannels."
          : 'Leave it out, or choose another teacher.',
    });
  }
  return record;
}
