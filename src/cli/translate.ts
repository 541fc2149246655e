import { resolve } from 'node:path';
import { refuse } from '../base/errors.js';
import { wholeNumber } from '../base/whole-number.js';
import { findInput, type TranslationInput } from '../cohort/plan/find-input.js';
import { planTranslation } from '../cohort/plan/plan-translation.js';
import { seriesNotes } from '../cohort/plan/series-notes.js';
import type { Targets, TranslationRequest } from '../cohort/plan/translation-request.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import type { OutputLayoutName } from '../datasets/output-layout-name.js';
import { defaultFormat, formatOfName } from '../imaging/formats/formats.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { TranslateFlags } from './add-translate-options.js';
import { sayNotes } from './data-set-notes.js';
import { sayModel, withModel } from './model-choice.js';
import { printTranslations } from './print-translations.js';
import { stoppable } from './stoppable.js';
import { translateCohort } from './translate-cohort.js';
import { translateOnePatient } from './translate-one-patient.js';
import { commonRequest, limitsOf, requireTargets } from './translate-options.js';

interface TranslateCommandOptions extends DataSetFlags, TranslateFlags {
  readonly to: string;
  readonly out: string;
  readonly layout?: OutputLayoutName;
  readonly complete?: true | 'link' | 'copy';
  readonly mask?: string;
  readonly series?: string;
  readonly volumeIndex?: string;
}

/** Plans, then translates one patient here or the patients of a data set as jobs. */
export async function translate(
  path: string,
  given: Omit<TranslateCommandOptions, 'model'> & { readonly model?: string },
): Promise<void> {
  const options = await withModel(given);
  const metadata = await readModelFileMetadata(options.model);
  const to = requireTargets(options, metadata);
  const input = await findInput(path, {
    ...dataSetOptions(options),
    limits: limitsOf(options),
    onePatient: options.series !== undefined || namesFile(options.out),
  });
  requireFitting(input, metadata, options);
  if (input.kind === 'series') sayNotes({ notes: seriesNotes(input) });
  const request = await readRequest(input, to, options);
  const plan = await planTranslation(input, metadata, request);
  if (options.dryRun) return printTranslations(plan);
  sayModel(given.model, options.model);
  if (input.kind !== 'data-set') return translateOnePatient(plan);
  const succeeded = await stoppable('stopping', (signal) =>
    translateCohort(input.dataSet, plan, request, { flags: options, signal }),
  );
  if (!succeeded) process.exitCode = 1;
}

async function readRequest(
  input: TranslationInput,
  to: Targets,
  options: TranslateCommandOptions,
): Promise<TranslationRequest> {
  const { complete, layout, mask, series, volumeIndex, out } = options;
  const format = input.kind === 'series' && !namesFile(out) ? input.format : defaultFormat.name;
  return {
    ...(await commonRequest({ format, ...options }, to)),
    ...(complete === undefined ? {} : { complete: complete === true ? 'link' : complete }),
    ...(layout === undefined ? {} : { layout }),
    ...(mask === undefined ? {} : { mask: resolve(mask) }),
    ...(series === undefined ? {} : { series }),
    ...(volumeIndex === undefined
      ? {}
      : { volumeIndex: wholeNumber('--volume-index', volumeIndex, 0, 32766) }),
  };
}

function namesFile(out: string): boolean {
  return formatOfName(out)?.kind === 'file';
}

/** Options that mean something for a data set alone. */
const dataSetOnly = ['layout', 'complete', 'jobs', 'slurm', 'map', 'labels', 'fuse', 'spread'] as const;

/** Refuses options that mean nothing for what is translated, rather than ignoring them. */
function requireFitting(
  { kind }: TranslationInput,
  metadata: ModelMetadata,
  options: TranslateCommandOptions,
): void {
  const { mask, series, volumeIndex } = options;
  const refuseOption = (where: string, problem: string, todo = ''): never =>
    refuse('bad-argument', { where, problem, todo });
  if (volumeIndex !== undefined && kind !== 'volume') {
    const todo =
      kind === 'series'
        ? 'Name the series with --series.'
        : 'Describe in a mapping file which volume is which modality (--map).';
    refuseOption('--volume-index', 'only applies to a 4-D NIfTI file', todo);
  }
  if (series !== undefined && kind !== 'series') refuseOption('--series', 'only applies to DICOM files');
  if (kind === 'data-set') {
    if (mask !== undefined)
      refuseOption('--mask', 'only applies to a single patient', 'A data set brings its own masks.');
    return;
  }
  const needless = dataSetOnly.find((name) => options[name] !== undefined);
  if (needless !== undefined) refuseOption(`--${needless}`, 'only applies to a data set');
  requireMask(metadata, options);
}

/** Requires the tumour mask for the model of a teacher, and for no other. */
function requireMask({ model }: ModelMetadata, { mask, model: file }: TranslateCommandOptions): void {
  const isTeacher = model.tumourMask === true;
  if ((mask !== undefined) === isTeacher) return;
  refuse('bad-argument', {
    where: '--mask',
    problem: isTeacher ? `required, because ${file} is a teacher model` : `${file} takes no tumour mask`,
    todo: isTeacher
      ? 'Name the mask with --mask, or use a student model.'
      : 'Leave it out, or use a teacher model.',
  });
}
