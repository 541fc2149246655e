import { fail } from '../../../base/errors.js';
import { printable } from '../../../base/printable.js';
import type { Triple } from '../../volume.js';
import type { AttributeName } from './attributes.js';
import { contentHash } from './content-hash.js';
import { copyAttributes } from './copied-attributes.js';
import type { DataSet } from './dicom-data-set.js';
import type { DicomFrame, DicomInstance, FrameMarks, PixelFormat, SequenceFacts } from './instance.js';
import { type DicomLimits, dicomLimits } from './limits.js';
import { isMosaic } from './mosaic.js';
import { mediaClassOf, readPart10 } from './part10.js';

const mediaDirectory = '1.2.840.10008.1.3.10';

/**
 * Reads what a DICOM file says about itself; the pixels stay where they are.
 *
 * @param where the file's name, for messages and for finding the file again
 * @returns nothing when the file holds no image: a DICOMDIR, a report, a presentation state, raw data
 * @throws UtadError bad-file or not-supported, naming what is wrong and what to do.
 * @source DICOM PS3.3, C.7.6 and C.8.3 (classic), C.7.6.16 and C.8.13 (functional groups).
 */
export function readDicomInstance(
  bytes: Uint8Array,
  where: string,
  limits: Partial<DicomLimits> = {},
): DicomInstance | undefined {
  const allowed = dicomLimits(limits);
  if (mediaClassOf(bytes, where, allowed) === mediaDirectory) return undefined;
  const { dataSet, transferSyntax } = readPart10(bytes, where, allowed);
  const sopClassUid = dataSet.text('SOPClassUID');
  if (sopClassUid === mediaDirectory || !hasPixels(dataSet)) return undefined;
  const frameOfReferenceUid = dataSet.text('FrameOfReferenceUID');
  const seriesNumber = dataSet.looseNumber('SeriesNumber');
  const sopInstanceUid = dataSet.text('SOPInstanceUID');
  const seriesInstanceUid = dataSet.text('SeriesInstanceUID');
  const studyInstanceUid = dataSet.text('StudyInstanceUID');
  const frames = readFrames(dataSet, where, allowed);
  return {
    file: where,
    contentHash: contentHash(bytes),
    sopClassUid: sopClassUid ?? '',
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
    ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }),
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
    transferSyntax: transferSyntax.uid,
    ...(seriesNumber === undefined ? {} : { seriesNumber }),
    facts: readFacts(dataSet),
    mosaic: isMosaic(dataSet),
    frames,
    copied: copyAttributes(dataSet),
  };
}

function hasPixels(dataSet: DataSet): boolean {
  return (['PixelData', 'FloatPixelData', 'DoubleFloatPixelData'] as const).some((name) =>
    dataSet.element(name),
  );
}

/** Reads how the samples of a data set are stored. @throws UtadError bad-file when it says nothing sensible. */
function readPixelFormat(dataSet: DataSet): PixelFormat {
  const rows = dataSet.number('Rows') ?? 0;
  const columns = dataSet.number('Columns') ?? 0;
  const samplesPerPixel = dataSet.number('SamplesPerPixel') ?? 1;
  const bitsAllocated = dataSet.number('BitsAllocated') ?? 0;
  const bitsStored = dataSet.number('BitsStored') ?? bitsAllocated;
  const highBit = dataSet.number('HighBit') ?? bitsStored - 1;
  const signed = dataSet.number('PixelRepresentation') === 1;
  const sensible =
    [rows, columns, samplesPerPixel, bitsAllocated, bitsStored, highBit].every(Number.isInteger) &&
    rows >= 1 &&
    columns >= 1 &&
    samplesPerPixel >= 1 &&
    bitsStored >= 1 &&
    highBit >= bitsStored - 1 &&
    highBit < bitsAllocated &&
    bitsAllocated <= 64;
  if (!sensible) {
    fail('bad-file', {
      where: dataSet.where,
      expected: 'an image that says its size and how its pixels are stored',
      got: `Rows ${rows}, Columns ${columns}, BitsAllocated ${bitsAllocated}, BitsStored ${bitsStored}, HighBit ${highBit}`,
      todo: 'Export the series again.',
    });
  }
  const padding = readPadding(dataSet, signed);
  return {
    rows,
    columns,
    samplesPerPixel,
    photometric: dataSet.text('PhotometricInterpretation') ?? 'MONOCHROME2',
    bitsAllocated,
    bitsStored,
    highBit,
    signed,
    ...(padding ? { padding } : {}),
  };
}

/** Padding has the sign of the pixels, whatever representation the file gave it. @source DICOM PS3.5, 6.2, US or SS. */
function readPadding(dataSet: DataSet, signed: boolean): PixelFormat['padding'] {
  const as16 = (name: AttributeName): number | undefined => {
    const value = dataSet.looseNumber(name);
    return value === undefined || Math.abs(value) > 65535
      ? undefined
      : signed
        ? (value << 16) >> 16
        : value & 0xffff;
  };
  const value = as16('PixelPaddingValue');
  if (value === undefined) return undefined;
  const limit = as16('PixelPaddingRangeLimit') ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

function readFrames(dataSet: DataSet, where: string, limits: DicomLimits): DicomFrame[] {
  const count = dataSet.number('NumberOfFrames') ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > limits.frames) {
    fail(count > limits.frames ? 'not-supported' : 'bad-file', {
      where,
      expected: `1 to ${limits.frames} frames`,
      got: String(count),
      todo: 'Check the file.',
    });
  }
  const perFrame = dataSet.items('PerFrameFunctionalGroupsSequence');
  const shared = dataSet.items('SharedFunctionalGroupsSequence')[0];
  const multi = count > 1 || perFrame.length > 0;
  if (perFrame.length > 0 && perFrame.length !== count) {
    fail('bad-file', {
      where,
      expected: `functional groups for ${count} frames`,
      got: `${perFrame.length}`,
      todo: 'Export the series again.',
    });
  }
  const format = readPixelFormat(dataSet);
  requirePixels(dataSet, format, count);
  const sopInstanceUid = dataSet.text('SOPInstanceUID');
  const common = {
    file: where,
    sopClassUid: dataSet.text('SOPClassUID') ?? '',
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
    format,
  };
  return Array.from({ length: count }, (_, index) => {
    const sources = new FrameSources(dataSet, shared, perFrame[index]);
    return { ...common, ...(multi ? { frameNumber: index + 1 } : {}), ...readPlane(sources) };
  });
}

/** Refuses a file whose pixels are fewer than it says. */
function requirePixels(dataSet: DataSet, format: PixelFormat, frames: number): void {
  const element = dataSet.element('PixelData');
  // Colour images are refused as a series, and may be subsampled.
  if (!element || format.samplesPerPixel > 1) return;
  const { rows, columns, bitsAllocated } = format;
  const length = element.fragments ? frames : Math.floor((frames * rows * columns * bitsAllocated) / 8);
  const there = element.fragments ? element.fragments.length - 1 : element.bytes.length;
  if (there >= length) return;
  fail('bad-file', {
    where: dataSet.where,
    expected: `${length} ${element.fragments ? 'fragments' : 'bytes'} of pixels`,
    got: `${there}: the pixels are cut off`,
    todo: 'Copy or export the file again.',
  });
}

/** Where a frame's attributes may stand: its own functional groups, the shared ones, the data set itself. */
class FrameSources {
  constructor(
    private readonly dataSet: DataSet,
    private readonly shared: DataSet | undefined,
    private readonly own: DataSet | undefined,
  ) {}

  /** The data set that has an attribute of a functional group; the classic place when no group has it. */
  find(group: AttributeName, name: AttributeName): DataSet {
    for (const source of [this.own, this.shared]) {
      const item = source?.items(group)[0];
      if (item?.element(name)) return item;
    }
    return this.dataSet;
  }

  numbers(group: AttributeName, name: AttributeName): readonly number[] {
    return this.find(group, name).numbers(name);
  }

  number(group: AttributeName, name: AttributeName): number | undefined {
    return this.numbers(group, name)[0];
  }

  /** A number that may as well be absent, under its name in classic files where no group has it. */
  looseNumber(group: AttributeName, name: AttributeName, classic: AttributeName = name): number | undefined {
    return this.find(group, name).looseNumber(name) ?? this.dataSet.looseNumber(classic);
  }

  texts(group: AttributeName, name: AttributeName, classic: AttributeName): readonly string[] {
    const texts = this.find(group, name).texts(name);
    return texts.length > 0 ? texts : this.dataSet.texts(classic);
  }
}

type Plane = Omit<DicomFrame, 'file' | 'frameNumber' | 'sopClassUid' | 'sopInstanceUid' | 'format'>;

function readPlane(sources: FrameSources): Plane {
  const position = sources.numbers('PlanePositionSequence', 'ImagePositionPatient');
  const cosines = sources.numbers('PlaneOrientationSequence', 'ImageOrientationPatient');
  const spacing = sources.numbers('PixelMeasuresSequence', 'PixelSpacing');
  const thickness = sources.looseNumber('PixelMeasuresSequence', 'SliceThickness');
  const slope = sources.number('PixelValueTransformationSequence', 'RescaleSlope') ?? 1;
  const intercept = sources.number('PixelValueTransformationSequence', 'RescaleIntercept') ?? 0;
  return {
    ...(position.length === 3 ? { position: position as unknown as Triple } : {}),
    ...(cosines.length === 6
      ? { orientation: [cosines.slice(0, 3), cosines.slice(3)] as unknown as readonly [Triple, Triple] }
      : {}),
    ...(spacing.length === 2 ? { pixelSpacing: [spacing[0]!, spacing[1]!] as const } : {}),
    ...(thickness === undefined ? {} : { sliceThicknessMm: thickness }),
    rescale: { slope, intercept },
    marks: readMarks(sources),
  };
}

function readMarks(sources: FrameSources): FrameMarks {
  const show = (value: number | undefined): string => (value === undefined ? '' : String(value));
  return {
    imageType: sources.texts('MRImageFrameTypeSequence', 'FrameType', 'ImageType').join('\\'),
    stack: sources.find('FrameContentSequence', 'StackID').text('StackID') ?? '',
    echoTime: show(sources.looseNumber('MREchoSequence', 'EffectiveEchoTime', 'EchoTime')),
    temporalPosition: show(
      sources.looseNumber('FrameContentSequence', 'TemporalPositionIndex', 'TemporalPositionIdentifier'),
    ),
    bValue: show(sources.looseNumber('MRDiffusionSequence', 'DiffusionBValue')),
    inversionTime: show(sources.looseNumber('MRModifierSequence', 'InversionTimes', 'InversionTime')),
    contrast:
      sources.find('MRImageFrameTypeSequence', 'AcquisitionContrast').text('AcquisitionContrast') ?? '',
    acquisition: show(sources.looseNumber('FrameContentSequence', 'AcquisitionNumber')),
  };
}

/** Characters of a description that are looked at; the standard allows 64. */
const longestFact = 256;

function readFacts(dataSet: DataSet): SequenceFacts {
  const sets = dataSet.texts('SpecificCharacterSet');
  const sources = new FrameSources(
    dataSet,
    dataSet.items('SharedFunctionalGroupsSequence')[0],
    dataSet.items('PerFrameFunctionalGroupsSequence')[0],
  );
  const facts = {
    modality: dataSet.text('Modality'),
    manufacturer: dataSet.text('Manufacturer', sets),
    seriesDescription: dataSet.text('SeriesDescription', sets),
    protocolName: dataSet.text('ProtocolName', sets),
    sequenceName: dataSet.text('SequenceName', sets) ?? dataSet.text('PulseSequenceName', sets),
    repetitionTime: sources.looseNumber('MRTimingAndRelatedParametersSequence', 'RepetitionTime'),
    echoTime: sources.looseNumber('MREchoSequence', 'EffectiveEchoTime', 'EchoTime'),
    inversionTime: sources.looseNumber('MRModifierSequence', 'InversionTimes', 'InversionTime'),
    echoTrainLength: dataSet.looseNumber('EchoTrainLength'),
    contrastAgent: contrastAgentOf(dataSet, sets),
    acquisitionContrast: sources
      .find('MRImageFrameTypeSequence', 'AcquisitionContrast')
      .text('AcquisitionContrast'),
    bValue: sources.looseNumber('MRDiffusionSequence', 'DiffusionBValue'),
  };
  const present = Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        typeof value === 'string' ? printable(value.slice(0, longestFact)) : value,
      ]),
  );
  return {
    ...present,
    imageType: sources.texts('MRImageFrameTypeSequence', 'FrameType', 'ImageType'),
    scanningSequence: scanningSequenceOf(dataSet, sources),
    sequenceVariant: dataSet.texts('SequenceVariant'),
  };
}

const echoCodes: ReadonlyMap<string, readonly string[]> = new Map([
  ['SPIN', ['SE']],
  ['GRADIENT', ['GR']],
  ['BOTH', ['SE', 'GR']],
]);

/** The classic codes for what enhanced files say in words. @source DICOM PS3.3, C.8.3.1.1.2 and C.8.13.3. */
function scanningSequenceOf(dataSet: DataSet, sources: FrameSources): readonly string[] {
  const classic = dataSet.texts('ScanningSequence');
  if (classic.length > 0) return classic;
  const echo = dataSet.text('EchoPulseSequence');
  const codes = echoCodes.get(echo ?? '') ?? [];
  const inverted =
    sources.find('MRModifierSequence', 'InversionRecovery').text('InversionRecovery') === 'YES';
  return inverted ? [...codes, 'IR'] : codes;
}

function contrastAgentOf(dataSet: DataSet, sets: readonly string[]): string | undefined {
  const classic = dataSet.text('ContrastBolusAgent', sets);
  if (classic !== undefined) return classic;
  const item = dataSet.items('ContrastBolusAgentSequence')[0];
  if (!item) return undefined;
  return item.text('CodeMeaning', sets) ?? item.text('ContrastBolusAgent', sets) ?? 'an agent without a name';
}
