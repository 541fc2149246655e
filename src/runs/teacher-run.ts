import { fail } from '../base/errors.js';
import { modelConfigurationSchema } from '../model/configuration.js';
import type { TrainingConfiguration } from '../training/configuration.js';
import { readTranslatorRecord, type TranslatorRecord } from './run-folder.js';

const { criticFeatures: _, criticLayers: __, ...generatorFields } = modelConfigurationSchema.shape;

/** What a student shares with its teacher: what the generator is made of, and how slices are prepared. */
const sharedFields = [
  ...(Object.keys(generatorFields) as (keyof typeof generatorFields)[]),
  'fieldOfViewMm',
  'lowPercentile',
  'highPercentile',
  'preparation',
] as const satisfies readonly (keyof TrainingConfiguration)[];

type SharedField = (typeof sharedFields)[number];

/** The fields that a student takes over from the run of its teacher unless it is told otherwise. */
export async function fieldsOfTeacher(
  run: string,
): Promise<Partial<Pick<TrainingConfiguration, SharedField>>> {
  const { configuration } = await readTranslatorRecord(run);
  return Object.fromEntries(
    sharedFields.flatMap((field) =>
      configuration[field] === undefined ? [] : [[field, configuration[field]]],
    ),
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
  const teacher = record.configuration;
  for (const field of sharedFields) {
    const [own, expected] = [student[field], teacher[field]].map((value) => meaningOf(field, value));
    if (JSON.stringify(own) === JSON.stringify(expected)) continue;
    fail('bad-configuration', {
      where: field,
      expected: `${JSON.stringify(expected)} as in ${run}`,
      got: String(JSON.stringify(own)),
      todo:
        field === 'features'
          ? "These are the teacher's; a student of another width is asked for with studentFeatures."
          : 'Leave it out, or choose another teacher.',
    });
  }
  return record;
}

/** No neighbours are as good as nothing said of them. */
function meaningOf(field: SharedField, value: unknown): unknown {
  return field === 'neighbours' ? (value ?? 0) : value;
}
