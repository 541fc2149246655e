import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { refuseSource } from '../cohort/output/write-synthetic.js';
import { readFusionChoice, requireFusibleOptions } from '../cohort/plan/fusion-choice.js';
import { type CohortRequest, readTargets } from '../cohort/plan/plan-cohort.js';
import { chooseDicom } from '../cohort/plan/plan-series.js';
import type { TumourFiles } from '../cohort/translation-job.js';
import type { DataSet } from '../datasets/data-set.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { type OutputLayoutName, outputLayout } from '../datasets/output-layout.js';
import { isDicomPath } from '../imaging/formats/dicom/dicom-files.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { modalityIndex } from '../translate/translate-volume.js';
import type { MakingFlags } from './add-making-options.js';
import { withModel } from './model-choice.js';
import { stoppable } from './stoppable.js';
import { metadataOfModelFile, requireDatatype, translateCohort } from './translate-cohort.js';
import { planOutputs, sourceModality, targetsFor, translateOne } from './translate-one.js';
import { settingsOf } from './translate-options.js';

interface TranslateCommandOptions extends DataSetFlags, MakingFlags {
  readonly to: string;
  readonly out: string;
  readonly layout?: OutputLayoutName;
  readonly complete?: true | 'link' | 'copy';
  readonly mask?: string;
  readonly series?: string;
  readonly volumeIndex?: string;
}

export async function translate(
  path: string,
  given: Omit<TranslateCommandOptions, 'model'> & { readonly model?: string },
): Promise<void> {
  const options = await withModel(given);
  const metadata = await metadataOfModelFile(options.model);
  const { modalities } = metadata.model;
  const to = readTargets(options.to, modalities);
  requireDatatype(options.datatype, metadata, typeof to === 'string' ? modalities : to);
  requireCheckable(metadata, options);
  const dataSet = await dataSetAt(path, options);
  if (dataSet !== undefined) return translateAll(dataSet, metadata, to, options);
  refuseCohortOptions(options);
  const tumour = maskFor(metadata, options);
  const brain = options.maskBrain === undefined ? null : { path: resolve(options.maskBrain) };
  if (await isDicom(path)) {
    refuseVolumeIndex(options, 'DICOM files');
    const settings = await settingsOf(options, isNiftiName(options.out) ? 'nifti' : 'dicom');
    const chosen = await chooseDicom(path, metadata, { ...options, to }, settings.limits);
    const translations = await planOutputs(path, chosen, to, options.out, settings);
    return translateOne({ translations, brain, ...tumour, settings });
  }
  if (options.series !== undefined)
    fail('bad-argument', { where: '--series', expected: 'DICOM files', got: path });
  const volumeIndex = volumeIndexOf(options);
  const settings = await settingsOf(options, 'nifti');
  if (settings.format === 'dicom') refuseSource(path);
  const source = sourceModality(path, modalities, options.from);
  const from = { path, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  const chosenBy = options.from === undefined ? 'its file name' : '--from';
  const chosen = targetsFor(to, modalities, source).map((target) => ({ target, source, from, chosenBy }));
  const translations = await planOutputs(path, chosen, to, options.out, settings);
  await translateOne({ translations, brain, ...tumour, settings });
}

/** The mask of one volume's tumour. @throws UtadError bad-argument when the model needs one and there is none, or not. */
function maskFor(
  { model }: ModelMetadata,
  { mask, model: file }: TranslateCommandOptions,
): { readonly tumour?: TumourFiles } {
  if ((mask !== undefined) !== (model.tumourMask === true)) {
    fail('bad-argument', {
      where: '--mask',
      expected: model.tumourMask ? `a tumour mask, as ${file} is a teacher` : `none, as ${file} needs none`,
      got: mask ?? 'none',
      todo: model.tumourMask
        ? 'Name the mask with --mask, or take the model of a student.'
        : 'Leave it out, or take the model of a teacher.',
    });
  }
  return mask === undefined ? {} : { tumour: { mask: { path: resolve(mask) } } };
}

/** What has no mask to be translated back with cannot be checked. */
function requireCheckable({ model }: ModelMetadata, { check, model: file }: TranslateCommandOptions): void {
  if (!model.tumourMask || !check) return;
  fail('bad-argument', {
    where: '--check',
    expected: 'the model of a student',
    got: `that of a teacher, ${file}`,
    todo: 'Leave --check out, or take the model of a student.',
  });
}

/** The data set that a path is; nothing for a file and for the DICOM files of one patient. */
async function dataSetAt(path: string, options: TranslateCommandOptions): Promise<DataSet | undefined> {
  if (!(await isFolder(path))) return undefined;
  const one = options.series !== undefined || isNiftiName(options.out);
  if (one && (await isDicomPath(path))) return undefined;
  const dataSet = await findCases(path, dataSetOptions(options));
  return dataSet.layout === 'dicom' && dataSet.cases.length === 1 ? undefined : dataSet;
}

async function translateAll(
  dataSet: DataSet,
  metadata: ModelMetadata,
  to: CohortRequest['to'],
  options: TranslateCommandOptions,
): Promise<void> {
  const { from, complete, maskBrain, fuse, spread } = options;
  refuseVolumeIndex(options, 'a data set');
  if (options.mask !== undefined)
    fail('bad-argument', { where: '--mask', expected: 'a single volume', got: 'a data set' });
  requireFusibleOptions(options);
  if (from !== undefined) modalityIndex(metadata.model.modalities, from, '--from');
  const name = options.layout ?? (dataSet.layout === 'bids' ? 'bids' : 'brats');
  const how = complete === true ? 'link' : complete;
  const settings = await settingsOf(options, 'nifti');
  const request: CohortRequest = {
    to,
    out: options.out,
    layout: outputLayout(name, how !== undefined),
    settings,
    ...(from === undefined ? {} : { from }),
    ...(fuse === undefined ? {} : { fuse: await readFusionChoice(fuse, settings.model) }),
    ...(spread ? { spread } : {}),
    ...(how === undefined ? {} : { complete: how }),
    ...(maskBrain === undefined ? {} : { maskBrain }),
  };
  const well = await stoppable('stopping', (signal) =>
    translateCohort(dataSet, metadata, request, { flags: options, signal }),
  );
  if (!well) process.exitCode = 1;
}

async function isDicom(path: string): Promise<boolean> {
  return !isNiftiName(path) && (await isDicomPath(path));
}

function isNiftiName(path: string): boolean {
  return /\.(?:nii|hdr|img)(?:\.gz)?$/i.test(path);
}

/** Options that mean nothing for a single volume are refused rather than ignored. */
function refuseCohortOptions(options: TranslateCommandOptions): void {
  for (const name of ['layout', 'complete', 'jobs', 'slurm', 'map', 'labels', 'fuse', 'spread'] as const) {
    if (options[name] === undefined) continue;
    fail('bad-argument', { where: `--${name}`, expected: 'a data set', got: 'a single volume' });
  }
}

function volumeIndexOf({ volumeIndex }: TranslateCommandOptions): number | undefined {
  return volumeIndex === undefined ? undefined : wholeNumber('--volume-index', volumeIndex, 0, 32766);
}

function refuseVolumeIndex({ volumeIndex }: TranslateCommandOptions, got: string): void {
  if (volumeIndex === undefined) return;
  const todo =
    got === 'a data set'
      ? 'Say in a mapping file which volume is which modality (--map).'
      : 'Name the series with --series.';
  fail('bad-argument', { where: '--volume-index', expected: 'a 4-D NIfTI file', got, todo });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const expected = 'a volume, DICOM files or a data set';
    const got = missing ? 'nothing there' : reasonOf(cause);
    return fail(
      missing ? 'not-found' : 'io',
      { where: path, expected, got, todo: 'Check the path.' },
      { cause },
    );
  }
}
