import { requireArguments } from '../../../base/arguments.js';
import { concatenate } from '../../../base/bytes.js';
import { fail } from '../../../base/errors.js';
import { requireSameGrid } from '../../geometry.js';
import type { Triple, Volume } from '../../volume.js';
import { requireVolume } from '../../volume-shape.js';
import { attributeTable } from './attributes.js';
import type { DicomSliceSource, DicomSource } from './source.js';
import { type StoredPixels, storePixels } from './stored-pixels.js';
import { explicitLittleEndian } from './transfer-syntaxes.js';
import { attribute, encodeDataSet, sequence, type WritableElement } from './write-data-set.js';

/** What a series says about how it was made. */
export interface DicomWriteOptions {
  /** The contrast shown, as in `t2`. */
  readonly target: string;
  /** The contrasts it was made from. */
  readonly sources: readonly string[];
  /** The model's name or file. */
  readonly model: string;
  readonly codeVersion: string;
  readonly now: Date;
  /** A new version 4 UUID at each call, as `crypto.randomUUID` gives. */
  readonly randomUuid: () => string;
  /** 1000, ten times the source's and a digit of the target's unless given: different for each source and target. */
  readonly seriesNumber?: number;
}

const mrImageStorage = '1.2.840.10008.5.1.4.1.1.4';
/** Names this writer; made from a UUID once. */
const implementationUid = '2.25.231860713416958210549128904726105529273';
const program = 'utad-net';

/**
 * Writes a synthetic volume as a series of classic MR images on the grid of its source: one image a slice, in the
 * source's study and frame of reference, and marked as synthetic in every way that DICOM has.
 *
 * @returns file name → content, in the order of the slices
 * @throws UtadError bad-shape when the volume does not lie on the source's grid, bad-value when a value is not finite
 *   or the source has no UIDs to refer to.
 * @source DICOM PS3.3, A.4 (MR Image), C.12.1 (SOP Common: Synthetic Data, Contributing Equipment), C.7.6.1
 *   (Source Image Sequence); PS3.16, CID 7005 and CID 7202; PS3.5, B.2 (UUID-derived UIDs).
 */
export function writeDicomSeries(
  volume: Pick<Volume, 'data' | 'size' | 'affineVoxelToWorld'>,
  source: DicomSource,
  options: DicomWriteOptions,
): Map<string, Uint8Array> {
  requireArguments('writeDicomSeries', { source: [source, 'object'], options: [options, 'object'] });
  requireArguments('writeDicomSeries', {
    'source.slices': [source.slices, 'list'],
    'source.copied': [source.copied, 'list'],
    'options.target': [options.target, 'text'],
    'options.sources': [options.sources, 'list'],
    'options.model': [options.model, 'text'],
    'options.codeVersion': [options.codeVersion, 'text'],
    'options.now': [options.now, 'object'],
    'options.randomUuid': [options.randomUuid, 'function'],
  });
  requireVolume(volume, 'volume to write as DICOM');
  const { studyInstanceUid } = source;
  if (studyInstanceUid === undefined || source.slices.some(lacksUids)) {
    fail('bad-value', {
      where: `series “${source.seriesDescription}”`,
      expected: 'StudyInstanceUID, SOPClassUID and SOPInstanceUID, which a derived DICOM series refers to',
      got: 'images without them',
      todo: 'Write NIfTI, or export the series with its UIDs.',
    });
  }
  requireSameGrid({ 'the source series': source, 'volume to write as DICOM': volume });
  const newUid = (): string => uidOf(options.randomUuid());
  const pixels = storePixels(volume.data);
  const shared = [
    ...copiedElements(source, studyInstanceUid, newUid),
    ...seriesElements(source, options, newUid()),
    ...pixelElements(volume.size, pixels),
  ];
  const length = volume.size[0] * volume.size[1];
  const digits = Math.max(4, String(source.slices.length).length);
  const files = source.slices.map((slice, index) => {
    const uid = newUid();
    const stored = pixels.stored.subarray(index * length, (index + 1) * length);
    const elements = [
      ...shared,
      ...imageElements(slice, index, source, uid),
      attribute('PixelData', littleEndianBytes(stored)),
    ];
    return [`${String(index + 1).padStart(digits, '0')}.dcm`, encodeFile(elements, uid)] as const;
  });
  return new Map(files);
}

/** A UID from a UUID. @source DICOM PS3.5, B.2. */
export function uidOf(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

/** The contrast as a person reads it: `T1CE` for `t1ce`. */
function showContrasts(names: readonly string[]): string {
  return names.map((name) => name.toUpperCase()).join(' and ');
}

/** Attributes that must be there even where the source has none. */
const requiredOfSource = [
  ...['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex'],
  ...['StudyDate', 'StudyTime', 'ReferringPhysicianName', 'StudyID', 'AccessionNumber'],
  'PositionReferenceIndicator',
] as const satisfies readonly (keyof typeof attributeTable)[];

function lacksUids({ sopClassUid, sopInstanceUid }: DicomSliceSource): boolean {
  return sopClassUid === '' || sopInstanceUid === undefined;
}

function copiedElements(
  source: DicomSource,
  studyInstanceUid: string,
  newUid: () => string,
): WritableElement[] {
  const copied = new Map<number, WritableElement>(
    source.copied.map(({ tag, vr, bytes }) => [tag, { tag, vr, bytes }]),
  );
  for (const name of requiredOfSource) {
    if (!copied.has(attributeTable[name][0])) copied.set(attributeTable[name][0], attribute(name, ''));
  }
  // Without a body part, the standard asks for a side of the body.
  const [bodyPart] = attributeTable.BodyPartExamined;
  if (!copied.has(bodyPart)) copied.set(bodyPart, attribute('BodyPartExamined', 'BRAIN'));
  const identifiers = [
    attribute('StudyInstanceUID', studyInstanceUid),
    attribute('FrameOfReferenceUID', source.frameOfReferenceUid ?? newUid()),
  ];
  for (const element of identifiers) copied.set(element.tag, element);
  return [...copied.values()];
}

/** Tells the synthetic series of one source apart: 1 to 4 for T1, T1ce, T2 and FLAIR. */
function digitOf(target: string): number {
  const known = ['t1', 't1ce', 't2', 'flair'].indexOf(target);
  return known >= 0
    ? known + 1
    : 5 + ([...target].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 5);
}

function seriesElements(
  source: DicomSource,
  options: DicomWriteOptions,
  seriesUid: string,
): WritableElement[] {
  const { target, sources, model, codeVersion, now } = options;
  const { date, time } = showMoment(now, offsetOf(source));
  const made = `${showContrasts([target])} synthesised from ${showContrasts(sources)}`;
  const equipment = [
    attribute('Manufacturer', program),
    attribute('ManufacturerModelName', model),
    attribute('SoftwareVersions', codeVersion),
  ];
  return [
    attribute('SOPClassUID', mrImageStorage),
    attribute('ImageType', ['DERIVED', 'SECONDARY', 'OTHER']),
    attribute('InstanceCreationDate', date),
    attribute('InstanceCreationTime', time),
    attribute('SyntheticData', 'YES'),
    attribute('SeriesDate', date),
    attribute('SeriesTime', time),
    attribute('ContentDate', date),
    attribute('ContentTime', time),
    attribute('Modality', 'MR'),
    ...equipment,
    attribute(
      'SeriesDescription',
      `SYNTHETIC ${showContrasts([target])} from ${showContrasts(sources)} (${program})`,
    ),
    attribute(
      'DerivationDescription',
      `${made} by a neural network (${program} ${codeVersion}, model ${model}). Not acquired by a scanner.`,
    ),
    attribute('SeriesInstanceUID', seriesUid),
    attribute(
      'SeriesNumber',
      options.seriesNumber ??
        1000 + 10 * Math.min(Math.max(source.seriesNumber ?? 0, 0), 1e8) + digitOf(target),
    ),
    attribute('ScanningSequence', 'RM'),
    attribute('SequenceVariant', 'NONE'),
    attribute('ScanOptions', ''),
    attribute('MRAcquisitionType', ''),
    attribute('RepetitionTime', ''),
    attribute('EchoTime', ''),
    attribute('EchoTrainLength', ''),
    sequence('ContributingEquipmentSequence', [
      [
        sequence('PurposeOfReferenceCodeSequence', [code('109100', 'Synthesizing Equipment')]),
        ...equipment,
        attribute('ContributionDateTime', `${date}${time}`),
        attribute('ContributionDescription', made),
      ],
    ]),
  ];
}

function code(value: string, meaning: string): WritableElement[] {
  return [
    attribute('CodeValue', value),
    attribute('CodingSchemeDesignator', 'DCM'),
    attribute('CodeMeaning', meaning),
  ];
}

function pixelElements([columns, rows]: Triple, pixels: StoredPixels): WritableElement[] {
  const { signed, slope, window } = pixels;
  return [
    attribute('SamplesPerPixel', 1),
    attribute('PhotometricInterpretation', 'MONOCHROME2'),
    attribute('Rows', rows),
    attribute('Columns', columns),
    attribute('BitsAllocated', 16),
    attribute('BitsStored', 16),
    attribute('HighBit', 15),
    attribute('PixelRepresentation', signed ? 1 : 0),
    attribute('BurnedInAnnotation', 'NO'),
    attribute('WindowCenter', window.centre),
    attribute('WindowWidth', window.width),
    // Where values are whole numbers the image needs no scaling, and stays within the standard MR image.
    ...(slope === 1
      ? []
      : [attribute('RescaleIntercept', 0), attribute('RescaleSlope', slope), attribute('RescaleType', 'US')]),
  ];
}

function imageElements(
  slice: DicomSliceSource,
  index: number,
  source: DicomSource,
  uid: string,
): WritableElement[] {
  const { slices } = source;
  const [row, column] = slice.orientation;
  const between = (heightOf(slices.at(-1)!) - heightOf(slices[0]!)) / (slices.length - 1);
  return [
    attribute('SOPInstanceUID', uid),
    attribute('InstanceNumber', index + 1),
    attribute('ImagePositionPatient', slice.position),
    attribute('ImageOrientationPatient', [...row, ...column]),
    attribute('PixelSpacing', slice.pixelSpacing),
    attribute('SliceThickness', slice.sliceThicknessMm ?? ''),
    attribute('SpacingBetweenSlices', micrometres(between)),
    attribute('SliceLocation', micrometres(heightOf(slice))),
    sequence('SourceImageSequence', [
      [
        attribute('ReferencedSOPClassUID', slice.sopClassUid),
        attribute('ReferencedSOPInstanceUID', slice.sopInstanceUid ?? ''),
        ...(slice.frameNumber === undefined ? [] : [attribute('ReferencedFrameNumber', slice.frameNumber)]),
        sequence('PurposeOfReferenceCodeSequence', [
          code('121322', 'Source image for image processing operation'),
        ]),
      ],
    ]),
  ];
}

/** Millimetres along the slice normal. */
function heightOf({ orientation: [row, column], position }: DicomSliceSource): number {
  return cross(row, column).reduce((sum, value, axis) => sum + value * position[axis]!, 0);
}

const micrometres = (millimetres: number): number => Math.round(millimetres * 1000) / 1000 + 0;
const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

function littleEndianBytes(stored: Uint16Array | Int16Array): Uint8Array {
  const bytes = new Uint8Array(stored.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < stored.length; i++) view.setUint16(2 * i, stored[i]!, true);
  return bytes;
}

/** Minutes that the source's times are ahead of UTC, where it says so; its new neighbour's times follow it. */
function offsetOf(source: DicomSource): number | undefined {
  const [tag] = attributeTable.TimezoneOffsetFromUTC;
  const bytes = source.copied.find((element) => element.tag === tag)?.bytes ?? new Uint8Array(0);
  const match = /^([+-])(\d\d)(\d\d)/.exec(String.fromCharCode(...bytes));
  return match ? (match[1] === '-' ? -1 : 1) * (60 * Number(match[2]) + Number(match[3])) : undefined;
}

/** Date and time as DICOM writes them, in the given offset or else in the machine's own time zone. */
function showMoment(moment: Date, offsetMinutes?: number): { readonly date: string; readonly time: string } {
  const offset = offsetMinutes ?? -moment.getTimezoneOffset();
  const digits = new Date(moment.getTime() + offset * 60_000).toISOString().replaceAll(/[-:T]/g, '');
  return { date: digits.slice(0, 8), time: digits.slice(8, 14) };
}

/** A Part 10 file: preamble, mark, file meta information, data set. @source DICOM PS3.10, 7.1. */
function encodeFile(elements: readonly WritableElement[], instanceUid: string): Uint8Array {
  const meta = encodeDataSet([
    attribute('FileMetaInformationVersion', Uint8Array.of(0, 1)),
    attribute('MediaStorageSOPClassUID', mrImageStorage),
    attribute('MediaStorageSOPInstanceUID', instanceUid),
    attribute('TransferSyntaxUID', explicitLittleEndian.uid),
    attribute('ImplementationClassUID', implementationUid),
    attribute('ImplementationVersionName', program),
  ]);
  const start = new Uint8Array(132);
  start.set([0x44, 0x49, 0x43, 0x4d], 128);
  const length = encodeDataSet([attribute('FileMetaInformationGroupLength', meta.length)]);
  return concatenate([start, length, meta, encodeDataSet(elements)]);
}
