import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { groupBy } from '../base/group-by.js';
import { archivesAmong } from '../imaging/formats/dicom/choose-series.js';
import { DataSet as DicomDataSet } from '../imaging/formats/dicom/dicom-data-set.js';
import { isDicomPath, listDicomSeries } from '../imaging/formats/dicom/dicom-files.node.js';
import { looksLikeDicom } from '../imaging/formats/dicom/dicom-head.js';
import type { DicomListing } from '../imaging/formats/dicom/listing.js';
import type { DicomSeries } from '../imaging/formats/dicom/series.js';
import { readFileHead } from '../imaging/formats/file-head.node.js';
import { inModalityOrder } from '../imaging/words/modality-name.js';
import type { CaseFiles } from './case.js';
import type { CaseDoubt, CaseNote, DataSet } from './data-set.js';
import { candidateSeries, recogniseSeries, sourceOfSeries } from './dicom-series.node.js';
import { listFolder } from './list-folder.node.js';
import { listed } from './listed-names.js';

interface Patient {
  readonly id: string;
  readonly folder: string;
  readonly listing: DicomListing;
}

/**
 * Finds the patients of a folder with DICOM files, or the one of a ZIP: a folder each, or the folder itself where the folders in it
 * hold series of one study. Several studies of a patient are sessions, numbered by their dates.
 *
 * A series is taken for a modality only where its description and parameters leave no doubt; what was left out
 * is in the notes.
 *
 * @returns undefined where there are no DICOM files
 * @throws UtadError as listDicomSeries does.
 */
export async function findDicomCases(folder: string): Promise<DataSet | undefined> {
  const patients = await patientsOf(folder);
  if (patients.length === 0) return undefined;
  const isFile = (await stat(folder)).isFile();
  const cases: CaseFiles[] = [];
  const notes: CaseNote[] = isFile || patients[0]!.folder === folder ? [] : [...(await looseFiles(folder))];
  const doubts: CaseDoubt[] = [];
  for (const { id, folder: own, listing } of patients) {
    if (listing.series.length === 0) {
      doubts.push(...candidateSeries(listing, []).doubts.map((one) => ({ ...one, caseId: id })));
      cases.push({ id, modalities: {} });
      notes.push({ severity: 'error', caseId: id, text: nothingReadable(listing) });
      continue;
    }
    const studies = [
      ...groupBy(listing.series, ({ studyInstanceUid = '' }) => studyInstanceUid).values(),
    ].sort((a, b) => (dateOf(a[0]) < dateOf(b[0]) ? -1 : 1));
    for (const [index, series] of studies.entries()) {
      // Dates of examinations would say too much in a model file that names its cases.
      const caseId = studies.length === 1 ? id : `${id}_ses-${index + 1}`;
      const { found, notes: said } = recogniseSeries(listing, series);
      notes.push(...said.map((text): CaseNote => ({ severity: 'warning', caseId, text })));
      const within = isFile ? archivesAmong(listing.leftOut) : undefined;
      if (within !== undefined) notes.push({ severity: 'warning', caseId, text: `not used, ${within}` });
      const modalities = Object.entries(found).map(
        ([name, one]) =>
          [name, isFile ? { path: own, series: one.name } : sourceOfSeries(own, listing, one)] as const,
      );
      doubts.push(...candidateSeries(listing, series).doubts.map((one) => ({ ...one, caseId })));
      cases.push({ id: caseId, modalities: Object.fromEntries(modalities) });
    }
  }
  const [first] = patients as [Patient];
  const isOnePatient = first.folder === folder;
  const modalities = inModalityOrder(cases.flatMap((one) => Object.keys(one.modalities)));
  return {
    folder,
    layout: 'dicom',
    because: isOnePatient ? 'DICOM series of one patient' : 'a folder a patient, with DICOM files',
    modalities,
    cases,
    labelsPerPatient: false,
    foregroundByModality: {},
    notes,
    doubts,
    ...(isOnePatient ? { listing: first.listing } : {}),
  };
}

/** DICOM files beside the folders of patients, which belong to nobody. */
async function looseFiles(folder: string): Promise<readonly CaseNote[]> {
  const { files } = await listFolder(folder);
  const loose: string[] = [];
  for (const name of files) if (await isDicomFile(join(folder, name))) loose.push(name);
  if (loose.length === 0) return [];
  const text = `not used, DICOM files beside the patients’ folders: ${listed(loose)}`;
  return [{ severity: 'warning', text, files: loose }];
}

async function isDicomFile(path: string): Promise<boolean> {
  return await readFileHead(path).then(
    ({ bytes }) => looksLikeDicom(bytes),
    () => false,
  );
}

async function patientsOf(folder: string): Promise<readonly Patient[]> {
  if ((await stat(folder)).isFile())
    return [{ id: withoutZip(basename(folder)), folder, listing: await listDicomSeries(folder) }];
  const { folders } = await listFolder(folder);
  const patients: Patient[] = [];
  for (const name of folders) {
    const own = join(folder, name);
    if (await isDicomPath(own)) patients.push({ id: name, folder: own, listing: await listDicomSeries(own) });
  }
  const studies = patients.map(
    ({ listing }) =>
      new Set(
        listing.series.flatMap(({ studyInstanceUid = '' }) =>
          studyInstanceUid === '' ? [] : studyInstanceUid,
        ),
      ),
  );
  const shared = studies.some((some, i) =>
    studies.slice(i + 1).some((others) => [...some].some((uid) => others.has(uid))),
  );
  if (patients.length > 0 && !shared) return patients;
  if (!(await isDicomPath(folder))) return [];
  return [{ id: basename(folder), folder, listing: await listDicomSeries(folder) }];
}

const withoutZip = (name: string): string => name.replace(/\.zip$/i, '');

/** What keeps a patient's DICOM files from being read, by the first of them. */
function nothingReadable({ refused, leftOut }: DicomListing): string {
  const [first] = refused;
  if (!first) return archivesAmong(leftOut) ?? `no DICOM images among ${leftOut.length} files`;
  const count = refused.length === 1 ? 'its DICOM file' : `any of its ${refused.length} DICOM files`;
  return `cannot read ${count}: ${first.error.message}`;
}

/** Date of a study, for its place among others; those without one come last. */
function dateOf({ instance, studyInstanceUid = '' }: DicomSeries): string {
  const copied = new DicomDataSet(new Map(instance.copied.map((one) => [one.tag, one])), true, '');
  return `${copied.text('StudyDate') ?? '99999999'} ${copied.text('StudyTime') ?? ''} ${studyInstanceUid}`;
}
