import { fail, refuse } from '../base/errors.js';
import { fieldOf } from '../base/read-configuration.js';
import type { DataSet } from '../datasets/data-set.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import type { TrainingRequest } from '../runs/plan-run.js';
import { fieldsOfTeacher } from '../runs/teacher-run.js';
import { earlierTrainingFields } from '../training/earlier-configuration.js';
import { resolveConfiguration } from '../training/presets.js';
import { weightsOf } from '../training/training-configuration.js';
import { requireTerm } from '../training/utad-losses.js';
import { requireDataSet } from './add-data-set-options.js';
import type { RequestFlags } from './add-request-options.js';
import { readConfigurationFile } from './configuration-file.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';

/** What the options ask for as a new run. @throws UtadError for the data set or a field. */
export async function requestOf(
  command: string,
  dataSet: string | undefined,
  options: RequestFlags,
): Promise<TrainingRequest> {
  const found = await findCases(requireDataSet(command, dataSet), dataSetOptions(options));
  sayWhatIsLeftOut(found);
  return requestFor(found, await resolveLabelsShown(found), options);
}

/**
 * What the options ask for as a new run on a data set that was found already.
 *
 * @param labelled the data set with the meaning of its labels resolved
 * @param more fields that override all others
 */
export async function requestFor(
  found: DataSet,
  labelled: DataSet,
  options: RequestFlags,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TrainingRequest> {
  if (options.teacher !== undefined && options.stage !== 'student')
    refuse('bad-argument', {
      where: '--teacher',
      problem: `--stage ${options.stage} trains a teacher of its own`,
      todo: 'Leave it out, or train the student alone: --stage student.',
    });
  const overrides = {
    ...(await readConfigurationFile(options.config, earlierTrainingFields)),
    ...options.set,
    ...(options.iterations === undefined ? {} : { 'schedule.iterations': options.iterations }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.paired ? { 'data.paired': true } : {}),
    ...more,
  };
  if (found.modalities.length < 2 && fieldOf(overrides, 'model.modalities') === undefined)
    refuseModalities(found);
  const configuration = resolveConfiguration(options.preset, {
    'model.modalities': found.modalities,
    ...foregroundOf(found, overrides),
    ...(options.teacher === undefined ? {} : await fieldsOfTeacher(options.teacher)),
    ...overrides,
  });
  if (options.stage !== 'student') requireTerm(weightsOf(configuration), 'teacher');
  requireModalities(configuration.model.modalities, found);
  return {
    dataSet: labelled,
    dataSetOptions: dataSetOptions(options),
    run: options.out,
    configuration,
    stages: options.stage,
    ...(options.split === undefined ? {} : { splitFile: options.split }),
    ...(options.teacher === undefined ? {} : { teacherRun: options.teacher }),
  };
}

function requireModalities(modalities: readonly string[], dataSet: DataSet): void {
  if (modalities.some((name) => !dataSet.modalities.includes(name))) refuseModalities(dataSet, modalities);
}

function refuseModalities({ modalities, layout, folder }: DataSet, wanted?: readonly string[]): never {
  return fail('bad-value', {
    where: folder,
    expected: wanted ? `the modalities ${wanted.join(', ')}` : 'at least two modalities to translate between',
    got: `${modalities.join(', ') || 'none'} (${layout})`,
    todo: 'See `utad inspect`; a mapping file can name what was not recognised.',
  });
}

/** How the data set's volumes tell background from patient, where it says so and the person does not. */
function foregroundOf(
  { foregroundByModality }: DataSet,
  overrides: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const chosen = ['sliceSpacingMm', 'centre', 'foreground', 'foregroundByModality'].some(
    (field) => fieldOf(overrides, `data.preparation.${field}`) !== undefined,
  );
  if (Object.keys(foregroundByModality).length === 0 || chosen) return {};
  return { 'data.preparation.foregroundByModality': foregroundByModality };
}

/** Says what layout a data set has, and what of it teaches nothing. */
export function sayWhatIsLeftOut(dataSet: DataSet): void {
  const { cases, layout, because } = dataSet;
  console.error(`${layout}: ${because}`);
  sayNotes(dataSet);
  const bare = cases.filter(({ mask }) => mask === undefined).length;
  if (bare > 0 && bare < cases.length)
    console.error(
      `${bare} of ${cases.length} cases have no mask; where they train, they teach nothing of tumours`,
    );
}
