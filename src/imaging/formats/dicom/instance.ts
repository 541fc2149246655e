import type { Triple } from '../../volume.js';
import type { DataElement } from './dicom-data-set.js';

/** How the samples of a frame are stored. @source DICOM PS3.3, C.7.6.3. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly photometric: string;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Stored values from low to high stand for no measurement. */
  readonly padding?: { readonly low: number; readonly high: number };
}

/** One image plane: a whole classic instance, or one frame of a multi-frame instance. */
export interface DicomFrame {
  /** The file's name as it was given. */
  readonly file: string;
  /** Place in a multi-frame file, from 1; absent in a file that is one plane. */
  readonly frameNumber?: number;
  readonly sopClassUid: string;
  /** Absent in files whose anonymisation left none. */
  readonly sopInstanceUid?: string;
  readonly format: PixelFormat;
  /** Centre of the first pixel, millimetres, LPS (the patient's left, back, top). */
  readonly position?: Triple;
  /** Unit vectors along a row (columns grow) and along a column (rows grow), LPS. */
  readonly orientation?: readonly [Triple, Triple];
  /** Millimetres between neighbouring rows and between neighbouring columns. */
  readonly pixelSpacing?: readonly [betweenRows: number, betweenColumns: number];
  readonly sliceThicknessMm?: number;
  readonly rescale: { readonly slope: number; readonly intercept: number };
  /** What tells volumes apart that share a series, as text. */
  readonly marks: FrameMarks;
}

/** A frame that has a place in the patient. */
export type PlacedFrame = DicomFrame &
  Required<Pick<DicomFrame, 'position' | 'orientation' | 'pixelSpacing'>>;

/** Attributes by which one series may hold several volumes. */
export interface FrameMarks {
  readonly imageType: string;
  readonly stack: string;
  readonly echoTime: string;
  readonly temporalPosition: string;
  readonly bValue: string;
  readonly inversionTime: string;
  readonly acquisition: string;
  /** The acquisition contrast that enhanced files state. */
  readonly contrast: string;
}

/** What a series says about how it was made; all that modality recognition looks at. */
export interface SequenceFacts {
  /** MR, CT, OT and so on. */
  readonly modality?: string;
  readonly manufacturer?: string;
  readonly seriesDescription?: string;
  readonly protocolName?: string;
  readonly sequenceName?: string;
  readonly imageType: readonly string[];
  readonly scanningSequence: readonly string[];
  readonly sequenceVariant: readonly string[];
  /** Milliseconds. */
  readonly repetitionTime?: number;
  readonly echoTime?: number;
  readonly inversionTime?: number;
  readonly echoTrainLength?: number;
  readonly contrastAgent?: string;
  /** The acquisition contrast that enhanced files state: T1, T2, FLUID_ATTENUATED and so on. */
  readonly acquisitionContrast?: string;
  readonly bValue?: number;
}

/** One DICOM image file without its pixels. Files whose anonymisation left no UIDs are read all the same. */
export interface DicomInstance {
  readonly file: string;
  /** Tells files of different content apart. */
  readonly contentHash: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid?: string;
  readonly seriesInstanceUid?: string;
  readonly studyInstanceUid?: string;
  readonly frameOfReferenceUid?: string;
  readonly transferSyntax: string;
  readonly seriesNumber?: number;
  readonly facts: SequenceFacts;
  /** Several slices of a volume lie side by side in the image, as Siemens scanners store echo-planar series. */
  readonly mosaic: boolean;
  readonly frames: readonly DicomFrame[];
  /** Attributes of patient, study and frame of reference, byte for byte, for a series derived from this one. */
  readonly copied: readonly DataElement[];
}

/** A frame as people find it: `IM-0003.dcm`, or `scan.dcm frame 12`. */
export function showFrame(frame: Pick<DicomFrame, 'file' | 'frameNumber'>): string {
  return frame.frameNumber === undefined ? frame.file : `${frame.file} frame ${frame.frameNumber}`;
}
