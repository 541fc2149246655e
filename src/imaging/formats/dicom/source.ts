import type { Affine, Triple } from '../../volume.js';
import type { DataElement } from './dicom-data-set.js';
import type { PlacedFrame } from './instance.js';
import type { SlicePlan } from './plan-slices.js';
import type { DicomSeries } from './series.js';

/** What a volume read from DICOM keeps of its series, so that a series derived from it can be written. */
export interface DicomSource {
  /** UIDs are absent where the files have none; such a source can be read, and no series be derived from it. */
  readonly studyInstanceUid?: string;
  readonly seriesInstanceUid?: string;
  readonly frameOfReferenceUid?: string;
  readonly seriesDescription: string;
  readonly seriesNumber?: number;
  readonly manufacturer?: string;
  /** Attributes of patient and study, byte for byte. They name the patient. */
  readonly copied: readonly DataElement[];
  /** Columns, rows, slices of the volume. */
  readonly size: Triple;
  readonly affineVoxelToWorld: Affine;
  /** One a slice, in the volume's order. */
  readonly slices: readonly DicomSliceSource[];
}

/** The origin of a volume that was read from a DICOM series. */
export interface DicomOrigin {
  readonly format: 'dicom';
  readonly series: DicomSource;
}

declare module '../../volume.js' {
  interface VolumeOrigins {
    readonly dicom: DicomOrigin;
  }
}

/** A slice's place and the image it came from. */
export interface DicomSliceSource {
  readonly sopClassUid: string;
  readonly sopInstanceUid?: string;
  readonly frameNumber?: number;
  /** Millimetres, LPS. */
  readonly position: Triple;
  readonly orientation: readonly [Triple, Triple];
  readonly pixelSpacing: readonly [betweenRows: number, betweenColumns: number];
  readonly sliceThicknessMm?: number;
}

/** Takes out of a series what a derived one needs. */
export function sourceOf(series: DicomSeries, plan: SlicePlan): DicomSource {
  const { instance, facts, studyInstanceUid, seriesInstanceUid } = series;
  const { frameOfReferenceUid, seriesNumber } = instance;
  return {
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }),
    ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
    seriesDescription: series.description,
    ...(seriesNumber === undefined ? {} : { seriesNumber }),
    ...(facts.manufacturer === undefined ? {} : { manufacturer: facts.manufacturer }),
    copied: instance.copied,
    size: plan.size,
    affineVoxelToWorld: plan.affineVoxelToWorld,
    slices: plan.frames.map(sliceOf),
  };
}

function sliceOf(frame: PlacedFrame): DicomSliceSource {
  const { sopClassUid, sopInstanceUid, frameNumber, position, orientation, pixelSpacing, sliceThicknessMm } =
    frame;
  return {
    sopClassUid,
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
    ...(frameNumber === undefined ? {} : { frameNumber }),
    position,
    orientation,
    pixelSpacing,
    ...(sliceThicknessMm === undefined ? {} : { sliceThicknessMm }),
  };
}
