import { fail } from '../../base/errors.js';

/** How a folder of made volumes is laid out. */
export const outputLayouts = ['brats', 'bids'] as const;
export type OutputLayoutName = (typeof outputLayouts)[number];

/** Where volumes go, as paths without ending, relative to the output folder. */
export interface OutputLayout {
  readonly name: OutputLayoutName;
  /** A made volume. */
  readonly synthetic: (id: string, modality: string) => string;
  /** The map of how far the translations from several sources lie apart. */
  readonly spread: (id: string, modality: string) => string;
  /** A scan that is put beside. */
  readonly scan: (id: string, modality: string) => string;
}

/**
 * A folder a patient with files named as in BraTS. A made volume's name ends in `-synthetic`, which no reader of
 * data sets takes for a scan; in a complete data set for other tools it is named as a scan would be, since those
 * look for the plain name.
 */
function bratsLayout(complete: boolean): OutputLayout {
  const scan = (id: string, modality: string): string => `${id}/${id}_${modality}`;
  return {
    name: 'brats',
    synthetic: (id, modality) => (complete ? scan(id, modality) : `${scan(id, modality)}-synthetic`),
    spread: (id, modality) => `${scan(id, modality)}-spread`,
    scan,
  };
}

/** BIDS suffixes, with the entity that tells T1 with contrast from T1. */
const bidsNames: Readonly<Record<string, readonly [entity: string, suffix: string]>> = {
  t1: ['', 'T1w'],
  t1ce: ['_ce-gadolinium', 'T1w'],
  t2: ['', 'T2w'],
  flair: ['', 'FLAIR'],
  pd: ['', 'PDw'],
};

/**
 * BIDS derivatives: `sub-<patient>/[ses-<session>/]anat/…_desc-synthetic_<suffix>`.
 *
 * @source BIDS 1.9, "Derivatives" and appendix "Entities".
 */
const bidsLayout: OutputLayout = {
  name: 'bids',
  synthetic: (id, modality) => bidsPath(id, modality, '_desc-synthetic'),
  spread: (id, modality) => bidsPath(id, modality, '_desc-spread'),
  scan: (id, modality) => bidsPath(id, modality, ''),
};

/** Labels of a case's subject and session in BIDS: those of its id, or what can be made of it. */
export function bidsLabels(id: string): { readonly subject: string; readonly session: string | undefined } {
  const parts = /^(?:sub-)?(.*?)(?:_ses-([^_]+))?$/i.exec(id)!;
  return {
    subject: label(parts[1]!, id),
    session: parts[2] === undefined ? undefined : label(parts[2], id),
  };
}

function bidsPath(id: string, modality: string, description: string): string {
  const { subject, session } = bidsLabels(id);
  const folder = session === undefined ? `sub-${subject}` : `sub-${subject}/ses-${session}`;
  const [entity, suffix] = bidsNames[modality] ?? ['', label(modality, modality)];
  const name = session === undefined ? `sub-${subject}` : `sub-${subject}_ses-${session}`;
  return `${folder}/anat/${name}${entity}${description}_${suffix}`;
}

/** BIDS labels are letters and digits alone. */
function label(text: string, whole: string): string {
  const plain = text.replace(/[^a-z0-9]/gi, '');
  if (plain !== '') return plain;
  return fail('bad-value', { where: whole, expected: 'a name with letters or digits', got: whole });
}

/** A layout by its name. @param complete scans are put beside the made volumes */
export function outputLayout(name: OutputLayoutName, complete: boolean): OutputLayout {
  return name === 'bids' ? bidsLayout : bratsLayout(complete);
}

/** An id without what file systems or other programs stumble over. */
export function fileSafe(id: string): string {
  return id.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
}

/**
 * BIDS' `dataset_description.json` of a folder of made volumes.
 *
 * @param generatedBy the program
 * @param source the data set that they are made of, relative to the folder
 */
export function datasetDescription(
  generatedBy: { readonly Name: string; readonly Version: string; readonly Description: string },
  source: string,
): object {
  return {
    Name: 'Synthetic MRI made by utad-net; for research, not for diagnosis',
    BIDSVersion: '1.9.0',
    DatasetType: 'derivative',
    GeneratedBy: [generatedBy],
    SourceDatasets: [{ URL: source }],
  };
}
