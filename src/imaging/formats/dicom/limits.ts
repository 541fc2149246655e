/** What a set of DICOM files may cost to read; anything beyond is refused by name. */
export interface DicomLimits {
  /** Files in a folder or entries in a ZIP. */
  readonly files: number;
  /** Bytes of one file, after inflating where it is deflated. */
  readonly fileBytes: number;
  /** Bytes of all entries of a ZIP together, unpacked. */
  readonly unpackedBytes: number;
  /** Voxels of one volume. */
  readonly voxels: number;
  /** Sequences inside sequences. */
  readonly sequenceDepth: number;
  /** Data elements of one file, those of all its items counted. */
  readonly elements: number;
  /** Frames of all files together. */
  readonly frames: number;
}

/** Limits that no head scan comes near. */
export const defaultDicomLimits: DicomLimits = {
  files: 50_000,
  fileBytes: 2 ** 30,
  unpackedBytes: 2 ** 31,
  voxels: 2 ** 28,
  sequenceDepth: 16,
  elements: 1_000_000,
  frames: 200_000,
};

/** The default limits with some replaced. */
export function dicomLimits(limits: Partial<DicomLimits> = {}): DicomLimits {
  return { ...defaultDicomLimits, ...limits };
}
