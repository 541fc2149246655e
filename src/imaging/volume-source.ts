/** Where a volume is: a file, one volume of a file that holds several, or a series in a folder of DICOM files. */
export interface VolumeSource {
  /** The file; with `series` the folder that holds its files, at any depth. */
  readonly path: string;
  /** Which volume along the fourth axis of the file, from 0. */
  readonly volumeIndex?: number;
  /** Series instance UID of the DICOM series, or its name in the listing of the folder where it is a part of one. */
  readonly series?: string;
}

/** A source as messages name it: `scan.nii.gz`, `scan.nii.gz[2]`, `folder (series 1.2.3)`. */
export function describeSource({ path, volumeIndex, series }: VolumeSource): string {
  if (series !== undefined) return `${path} (series ${series})`;
  return volumeIndex === undefined ? path : `${path}[${volumeIndex}]`;
}
