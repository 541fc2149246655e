import { type AttributeName, attributeTable } from './attributes.js';
import type { DataElement, DataSet } from './dicom-data-set.js';

/** Attributes of patient, study and frame of reference that a derived series shares with its source; all texts. */
const copiedAttributes = [
  'SpecificCharacterSet',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'ReferringPhysicianName',
  'TimezoneOffsetFromUTC',
  'StudyDescription',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'BodyPartExamined',
  'PatientPosition',
  'StudyInstanceUID',
  'StudyID',
  'FrameOfReferenceUID',
  'PositionReferenceIndicator',
  'LossyImageCompression',
  'LossyImageCompressionRatio',
  'LossyImageCompressionMethod',
] as const satisfies readonly AttributeName[];

/** Longest value that is copied; what is longer is no name, date or identifier. */
const longestCopy = 1024;

/** Copies of those attributes that a data set has, free of the file's memory. */
export function copyAttributes(dataSet: DataSet): DataElement[] {
  return copiedAttributes.flatMap((name) => {
    const element = dataSet.element(name);
    if (!element || element.bytes.length > longestCopy) return [];
    const [tag, vr] = attributeTable[name];
    return [{ tag, vr, bytes: element.bytes.slice() }];
  });
}
