import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { requireArguments } from '../base/arguments.js';
import { fail, refuse } from '../base/errors.js';
import { protectDataSet } from '../base/protected-inputs.node.js';
import { isDicomPath } from '../imaging/formats/dicom/dicom-files.node.js';
import { findBidsCases } from './bids.node.js';
import { findBratsCases } from './brats.node.js';
import { pathsOf } from './case.js';
import { unsureDoubts, unsureNotes } from './case-notes.js';
import type { CaseNote, DataSet, DataSetOptions } from './data-set.js';
import { findDatasetJsonCases, hasDatasetJson } from './dataset-json.node.js';
import { findDicomCases } from './dicom.node.js';
import { labelDeclarations } from './label-convention.js';
import { listFolder } from './list-folder.node.js';
import { conventionNamed } from './mapping.js';
import { findMappedCases } from './mapping.node.js';
import { withoutSynthetic } from './synthetic.node.js';
import { unusedImageNotes } from './unused-images.node.js';

/** Name of the mapping file that a data set may carry itself. */
const mappingFileName = 'utad-map.json';

/**
 * Recognises the layout of a data set and finds its examinations. Looked for, in this order: a mapping file, a
 * `dataset.json` (Medical Segmentation Decathlon, nnU-Net), `sub-*` folders (BIDS), files named as in BraTS,
 * DICOM files. Volumes that `utad translate` made, by the sidecars beside them, are no scans and are left out.
 *
 * @throws UtadError not-found when the folder is of no known layout, bad-file when a file or patient is there
 * twice, bad-configuration for a mapping file or label convention that cannot be meant.
 */
export async function findCases(folder: string, options: DataSetOptions = {}): Promise<DataSet> {
  requireArguments('findCases', { folder: [folder, 'text'], options: [options, 'object'] });
  requireArguments('findCases', {
    'options.map': [options.map, 'text?'],
    'options.labels': [options.labels, 'text?'],
  });
  const all = withUsableIds(await recognise(resolve(folder), options.map));
  requirePatients(all);
  const notes = [...all.notes, ...all.cases.flatMap(unsureNotes), ...(await unusedImageNotes(all))];
  const doubts = [...(all.doubts ?? []), ...all.cases.flatMap(unsureDoubts)];
  const said = { ...all, notes, doubts };
  const scans = options.includeSynthetic ? said : await withoutSynthetic(said);
  await protectDataSet(scans.folder, scans.cases.flatMap(pathsOf));
  return withDeclaredLabels(scans, options.labels);
}

/** Without patients of names that mean something else to the program: these are named. */
function withUsableIds(dataSet: DataSet): DataSet {
  const strange = dataSet.cases.filter(({ id }) => id in {});
  if (strange.length === 0) return dataSet;
  const notes = strange.map((one): CaseNote => {
    const files = pathsOf(one).map((path) => relative(dataSet.folder, path));
    return {
      severity: 'error',
      caseId: one.id,
      text: 'left out, for no patient may have this name. Rename the folder, or describe the data set with a mapping file',
      files,
    };
  });
  const cases = dataSet.cases.filter((one) => !strange.includes(one));
  return { ...dataSet, cases, notes: [...dataSet.notes, ...notes] };
}

/** A data set without a single patient is none. */
function requirePatients({ cases, folder, notes }: DataSet): void {
  if (cases.length > 0) return;
  const errors = notes.filter(({ severity }) => severity === 'error');
  const why = errors
    .slice(0, 3)
    .map(({ caseId, text }) => (caseId === undefined ? text : `${caseId}: ${text}`));
  refuse('bad-file', {
    where: folder,
    problem: ['no patients that could be used', ...why].join('; '),
  });
}

async function recognise(folder: string, map: string | undefined): Promise<DataSet> {
  if (map === undefined && (await isDicomArchive(folder))) return (await findDicomCases(folder))!;
  await listFolder(folder);
  const own = join(folder, mappingFileName);
  if (map !== undefined) return findMappedCases(folder, map);
  if (existsSync(own)) return findMappedCases(folder, own);
  if (await hasDatasetJson(folder)) return findDatasetJsonCases(folder);
  const bids = await findBidsCases(folder);
  if (bids) return bids;
  const brats = await findBratsCases(folder);
  const isUsable = brats?.cases.some(({ modalities }) => Object.keys(modalities).length > 0);
  if (brats && isUsable) return brats;
  const dicom = await findDicomCases(folder);
  if (dicom ?? brats) return (dicom ?? brats)!;
  return fail('not-found', {
    where: folder,
    expected:
      'patients’ folders as in BraTS (<id>_t1.nii.gz, _t1ce, _t2, _flair, _seg or <id>-t1n.nii.gz, -t1c, -t2w, -t2f, -seg), ' +
      'a dataset.json (Medical Segmentation Decathlon, nnU-Net), sub-… folders with anatomical images (BIDS), or DICOM files',
    got: await whatIsThere(folder),
    todo: `Give the folder that holds the patients, or describe it with a mapping file (--map, or ${mappingFileName} in it).`,
  });
}

/** A ZIP is one patient's DICOM files. */
async function isDicomArchive(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (await isDicomPath(path));
}

/** Images that lie in a folder of no known layout, in words. */
async function whatIsThere(folder: string): Promise<string> {
  const notes = await unusedImageNotes({ folder, layout: 'brats', cases: [], notes: [] });
  return ['none of them', ...notes.slice(0, 4).map(({ text }) => text)].join('; ');
}

function withDeclaredLabels(dataSet: DataSet, declared: string | undefined): DataSet {
  if (declared === undefined) return dataSet;
  if (declared === 'per-patient') {
    if (dataSet.layout === 'brats') return { ...dataSet, labelsPerPatient: true };
    fail('bad-argument', {
      where: '--labels per-patient',
      expected: 'a BraTS data set, which may mix conventions',
      got: `the layout ${dataSet.layout}`,
      todo: 'Name the convention of its masks.',
    });
  }
  const labels = conventionNamed(declared, '--labels', labelDeclarations);
  return { ...dataSet, cases: dataSet.cases.map((one) => ({ ...one, labels })) };
}
