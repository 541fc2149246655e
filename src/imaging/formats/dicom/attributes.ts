/** Value representations, by how their values are stored. @source DICOM PS3.5, 6.2. */
export type ValueRepresentation =
  | TextRepresentation
  | keyof typeof binaryRepresentations
  | keyof typeof byteRepresentations
  | 'SQ'
  | 'AT';

type TextRepresentation = (typeof textRepresentations)[number];

/** Texts: padded with a space (UI with a zero) to even length. */
export const textRepresentations = [
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UI',
  'UR',
  'UT',
] as const;

/** Numbers: bytes of one value. */
export const binaryRepresentations = { FD: 8, FL: 4, SL: 4, SS: 2, SV: 8, UL: 4, US: 2, UV: 8 } as const;

/** Bytes, and how many of them are swapped together in big-endian files. */
const byteRepresentations = { OB: 1, OD: 8, OF: 4, OL: 4, OV: 8, OW: 2, UN: 1 } as const;

/** Representations whose length takes four bytes after two reserved ones. @source DICOM PS3.5, table 7.1-1. */
export const longRepresentations: ReadonlySet<string> = new Set([
  ...['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'],
]);

/** All representations that a file may name. */
export const knownRepresentations: ReadonlySet<string> = new Set([
  ...textRepresentations,
  ...Object.keys(binaryRepresentations),
  ...Object.keys(byteRepresentations),
  'SQ',
  'AT',
]);

/**
 * Every attribute that is read or written, by its keyword: tag and representation.
 * Reading implicit files and writing both look here.
 *
 * @source DICOM PS3.6, Data Dictionary.
 */
export const attributeTable = {
  FileMetaInformationGroupLength: [0x00020000, 'UL'],
  FileMetaInformationVersion: [0x00020001, 'OB'],
  MediaStorageSOPClassUID: [0x00020002, 'UI'],
  MediaStorageSOPInstanceUID: [0x00020003, 'UI'],
  TransferSyntaxUID: [0x00020010, 'UI'],
  ImplementationClassUID: [0x00020012, 'UI'],
  ImplementationVersionName: [0x00020013, 'SH'],

  SpecificCharacterSet: [0x00080005, 'CS'],
  ImageType: [0x00080008, 'CS'],
  InstanceCreationDate: [0x00080012, 'DA'],
  InstanceCreationTime: [0x00080013, 'TM'],
  SOPClassUID: [0x00080016, 'UI'],
  SOPInstanceUID: [0x00080018, 'UI'],
  SyntheticData: [0x0008001c, 'CS'],
  StudyDate: [0x00080020, 'DA'],
  SeriesDate: [0x00080021, 'DA'],
  ContentDate: [0x00080023, 'DA'],
  StudyTime: [0x00080030, 'TM'],
  SeriesTime: [0x00080031, 'TM'],
  ContentTime: [0x00080033, 'TM'],
  AccessionNumber: [0x00080050, 'SH'],
  Modality: [0x00080060, 'CS'],
  Manufacturer: [0x00080070, 'LO'],
  InstitutionName: [0x00080080, 'LO'],
  ReferringPhysicianName: [0x00080090, 'PN'],
  CodeValue: [0x00080100, 'SH'],
  CodingSchemeDesignator: [0x00080102, 'SH'],
  CodeMeaning: [0x00080104, 'LO'],
  TimezoneOffsetFromUTC: [0x00080201, 'SH'],
  StudyDescription: [0x00081030, 'LO'],
  SeriesDescription: [0x0008103e, 'LO'],
  ManufacturerModelName: [0x00081090, 'LO'],
  ReferencedSOPClassUID: [0x00081150, 'UI'],
  ReferencedSOPInstanceUID: [0x00081155, 'UI'],
  ReferencedFrameNumber: [0x00081160, 'IS'],
  DerivationDescription: [0x00082111, 'ST'],
  SourceImageSequence: [0x00082112, 'SQ'],
  FrameType: [0x00089007, 'CS'],
  AcquisitionContrast: [0x00089209, 'CS'],

  PatientName: [0x00100010, 'PN'],
  PatientID: [0x00100020, 'LO'],
  IssuerOfPatientID: [0x00100021, 'LO'],
  PatientBirthDate: [0x00100030, 'DA'],
  PatientSex: [0x00100040, 'CS'],
  PatientAge: [0x00101010, 'AS'],
  PatientSize: [0x00101020, 'DS'],
  PatientWeight: [0x00101030, 'DS'],
  PatientIdentityRemoved: [0x00120062, 'CS'],
  DeidentificationMethod: [0x00120063, 'LO'],

  ContrastBolusAgent: [0x00180010, 'LO'],
  ContrastBolusAgentSequence: [0x00180012, 'SQ'],
  BodyPartExamined: [0x00180015, 'CS'],
  ScanningSequence: [0x00180020, 'CS'],
  SequenceVariant: [0x00180021, 'CS'],
  ScanOptions: [0x00180022, 'CS'],
  MRAcquisitionType: [0x00180023, 'CS'],
  SequenceName: [0x00180024, 'SH'],
  SliceThickness: [0x00180050, 'DS'],
  RepetitionTime: [0x00180080, 'DS'],
  EchoTime: [0x00180081, 'DS'],
  InversionTime: [0x00180082, 'DS'],
  MagneticFieldStrength: [0x00180087, 'DS'],
  EchoNumbers: [0x00180086, 'IS'],
  SpacingBetweenSlices: [0x00180088, 'DS'],
  EchoTrainLength: [0x00180091, 'IS'],
  SoftwareVersions: [0x00181020, 'LO'],
  ProtocolName: [0x00181030, 'LO'],
  ContrastBolusVolume: [0x00181041, 'DS'],
  ContrastBolusIngredient: [0x00181048, 'CS'],
  TriggerTime: [0x00181060, 'DS'],
  FlipAngle: [0x00181314, 'DS'],
  PatientPosition: [0x00185100, 'CS'],
  PulseSequenceName: [0x00189005, 'SH'],
  EchoPulseSequence: [0x00189008, 'CS'],
  InversionRecovery: [0x00189009, 'CS'],
  InversionTimes: [0x00189079, 'FD'],
  EffectiveEchoTime: [0x00189082, 'FD'],
  DiffusionBValue: [0x00189087, 'FD'],
  MRTimingAndRelatedParametersSequence: [0x00189112, 'SQ'],
  MREchoSequence: [0x00189114, 'SQ'],
  MRModifierSequence: [0x00189115, 'SQ'],
  MRDiffusionSequence: [0x00189117, 'SQ'],
  MRImageFrameTypeSequence: [0x00189226, 'SQ'],
  ContributingEquipmentSequence: [0x0018a001, 'SQ'],
  ContributionDateTime: [0x0018a002, 'DT'],
  ContributionDescription: [0x0018a003, 'ST'],

  StudyInstanceUID: [0x0020000d, 'UI'],
  SeriesInstanceUID: [0x0020000e, 'UI'],
  StudyID: [0x00200010, 'SH'],
  SeriesNumber: [0x00200011, 'IS'],
  AcquisitionNumber: [0x00200012, 'IS'],
  InstanceNumber: [0x00200013, 'IS'],
  ImagePositionPatient: [0x00200032, 'DS'],
  ImageOrientationPatient: [0x00200037, 'DS'],
  FrameOfReferenceUID: [0x00200052, 'UI'],
  TemporalPositionIdentifier: [0x00200100, 'IS'],
  PositionReferenceIndicator: [0x00201040, 'LO'],
  SliceLocation: [0x00201041, 'DS'],
  StackID: [0x00209056, 'SH'],
  FrameContentSequence: [0x00209111, 'SQ'],
  PlanePositionSequence: [0x00209113, 'SQ'],
  PlaneOrientationSequence: [0x00209116, 'SQ'],
  TemporalPositionIndex: [0x00209128, 'UL'],

  SamplesPerPixel: [0x00280002, 'US'],
  PhotometricInterpretation: [0x00280004, 'CS'],
  NumberOfFrames: [0x00280008, 'IS'],
  Rows: [0x00280010, 'US'],
  Columns: [0x00280011, 'US'],
  PixelSpacing: [0x00280030, 'DS'],
  BitsAllocated: [0x00280100, 'US'],
  BitsStored: [0x00280101, 'US'],
  HighBit: [0x00280102, 'US'],
  PixelRepresentation: [0x00280103, 'US'],
  PixelPaddingValue: [0x00280120, 'US'],
  PixelPaddingRangeLimit: [0x00280121, 'US'],
  BurnedInAnnotation: [0x00280301, 'CS'],
  WindowCenter: [0x00281050, 'DS'],
  WindowWidth: [0x00281051, 'DS'],
  RescaleIntercept: [0x00281052, 'DS'],
  RescaleSlope: [0x00281053, 'DS'],
  RescaleType: [0x00281054, 'LO'],
  LossyImageCompression: [0x00282110, 'CS'],
  LossyImageCompressionRatio: [0x00282112, 'DS'],
  LossyImageCompressionMethod: [0x00282114, 'CS'],
  ModalityLUTSequence: [0x00283000, 'SQ'],
  PixelMeasuresSequence: [0x00289110, 'SQ'],
  PixelValueTransformationSequence: [0x00289145, 'SQ'],

  PurposeOfReferenceCodeSequence: [0x0040a170, 'SQ'],

  SharedFunctionalGroupsSequence: [0x52009229, 'SQ'],
  PerFrameFunctionalGroupsSequence: [0x52009230, 'SQ'],
  ExtendedOffsetTable: [0x7fe00001, 'OV'],
  FloatPixelData: [0x7fe00008, 'OF'],
  DoubleFloatPixelData: [0x7fe00009, 'OD'],
  PixelData: [0x7fe00010, 'OW'],
} as const satisfies Readonly<Record<string, readonly [tag: number, vr: ValueRepresentation]>>;

/** The keyword of an attribute that this library knows. */
export type AttributeName = keyof typeof attributeTable;

const representationByTag: ReadonlyMap<number, ValueRepresentation> = new Map(
  Object.values(attributeTable).map(([tag, vr]) => [tag, vr]),
);
const nameByTag: ReadonlyMap<number, string> = new Map(
  Object.entries(attributeTable).map(([name, [tag]]) => [tag, name]),
);

/** The representation of a tag, UN for those not in the table. */
export function representationOf(tag: number): ValueRepresentation {
  return representationByTag.get(tag) ?? 'UN';
}

/** A tag as people write it, with its keyword where known: `PixelData (7FE0,0010)`. */
export function showTag(tag: number): string {
  const hex = (tag >>> 0).toString(16).padStart(8, '0').toUpperCase();
  const name = nameByTag.get(tag >>> 0);
  return `${name === undefined ? '' : `${name} `}(${hex.slice(0, 4)},${hex.slice(4)})`;
}
