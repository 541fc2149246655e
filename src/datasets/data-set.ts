import type { ForegroundRule } from '../imaging/foreground.js';
import type { DicomListing } from '../imaging/formats/dicom/listing.js';
import type { CaseFiles } from './case.js';
import type { Problem } from './inspection.js';

/** How a data set's files are laid out. */
type Layout = 'brats' | 'msd' | 'nnunet' | 'bids' | 'dicom' | 'mapping';

/** A folder's examinations, as its layout names them. */
export interface DataSet {
  readonly folder: string;
  readonly layout: Layout;
  /** What in the folder speaks for this layout. */
  readonly because: string;
  /** Names in the order that a network trained on this data set gives them. */
  readonly modalities: readonly string[];
  /** In the order of their ids. */
  readonly cases: readonly CaseFiles[];
  /** Why nobody knows what the labels mean, where a table names them: `“NCET”, which is not understood`. */
  readonly unclearLabels?: string;
  /** Each mask speaks for itself, as in a data set that mixes BraTS 2021 and 2023. */
  readonly labelsPerPatient: boolean;
  /** What is no background in volumes of a modality; voxels that are not 0 where nothing is said. */
  readonly foregroundByModality: Readonly<Record<string, ForegroundRule>>;
  /** Volumes that were left out and why, by case where one is concerned. */
  readonly notes: readonly CaseNote[];
  /** Volumes that may show what seems to be missing; none where left out. */
  readonly doubts?: readonly CaseDoubt[];
  /** All series of the folder, where it holds the DICOM files of one patient. */
  readonly listing?: DicomListing;
}

/** A problem that shows while a data set's files are listed. */
export interface CaseNote extends Problem {
  readonly caseId?: string;
}

/**
 * A volume that was not taken for a modality, and may be of one all the same: unsure, one of several, or broken. The
 * modality is not missing then, and nothing takes its place as a source unsaid.
 */
export interface CaseDoubt {
  readonly caseId: string;
  /** The modality that it may be of; any where left out. */
  readonly modality?: string;
  /** The volume, and why it was not taken: `2 “t1_mprage” (t1, low: nothing says whether contrast agent was given)`. */
  readonly text: string;
}

/** What a person says about a data set that its files do not say. */
export interface DataSetOptions {
  /** Mapping file that says where volumes are; the `utad-map.json` of the folder when left out. */
  readonly map?: string;
  /** Name of the label convention, or `per-patient`; goes before what the data set says itself. */
  readonly labels?: string;
  /** Takes volumes whose sidecars say that a network made them for scans; left out otherwise. */
  readonly includeSynthetic?: boolean;
}
