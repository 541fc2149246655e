import { fail } from '../base/errors.js';
import { wholeFileEnding } from '../imaging/formats/formats.js';

/** A BIDS file name taken apart: `sub-01_ses-2_space-MNI_T1w.nii.gz`. */
export interface BidsName {
  /** Entity → its value, `sub` → `01`, in the order of the name. */
  readonly entities: Readonly<Record<string, string>>;
  /** `T1w`. */
  readonly suffix: string;
  /** `.nii.gz`. */
  readonly extension: string;
}

/** Takes a name apart; undefined where it is not of the form `key-value_…_suffix.extension`. @source BIDS 1.10, file names. */
export function bidsNameOf(name: string): BidsName | undefined {
  const match = /^((?:[a-zA-Z0-9]+-[a-zA-Z0-9+]+_)*)([a-zA-Z0-9]+)(\.[a-zA-Z.]+)$/.exec(name);
  if (!match) return undefined;
  const entities = match[1]!
    .split('_')
    .filter((part) => part !== '')
    .map((part) => [part.slice(0, part.indexOf('-')), part.slice(part.indexOf('-') + 1)] as const);
  return { entities: Object.fromEntries(entities), suffix: match[2]!, extension: match[3]!.toLowerCase() };
}

/** Puts a name together again; the inverse of {@link bidsNameOf}. */
export function showBidsName({ entities, suffix, extension }: BidsName): string {
  const parts = Object.entries(entities).map(([key, value]) => `${key}-${value}_`);
  return `${parts.join('')}${suffix}${extension}`;
}

/** What programs segment that is no tumour, as in `desc-aseg_dseg`. */
const tissues =
  /aseg|aparc|tissue|^brain|parc|^(?:gm|wm|csf)$|ventric|hippo|thalam|cortex|atlas|samseg|synthseg/i;

/** Whether a file is a segmentation of tissues, a mask of one thing, or neither. */
export function maskKindOf({
  entities,
  suffix,
  extension,
}: BidsName): 'labels' | 'lesion' | 'brain' | undefined {
  if (!isVolume(extension)) return undefined;
  if (suffix === 'dseg')
    return tissues.test(entities['desc'] ?? entities['label'] ?? '') ? undefined : 'labels';
  if (suffix !== 'mask') return undefined;
  const what = `${entities['label'] ?? ''} ${entities['desc'] ?? ''}`.trim();
  if (/lesion|tumou?r|glioma|\bwt\b|whole/i.test(what)) return 'lesion';
  return /brain/i.test(what) ? 'brain' : undefined;
}

/** Entities that tell a case apart from others, not one version of its images from another. */
const caseEntities = ['sub', 'ses'];
/** Entities that say which modality a file holds or what it marks. */
const contentEntities = ['ce', 'label', 'run', 'acq', 'rec', 'part'];

/** How an image was processed, the same for the modalities that belong together: `space-SRI24_desc-brain`. */
export function versionOf({ entities }: BidsName): string {
  return Object.entries(entities)
    .filter(([key]) => !caseEntities.includes(key) && !contentEntities.includes(key))
    .map(([key, value]) => `${key}-${value}`)
    .join('_');
}

/** Suffix of an image of a modality, with the entities that tell T1 with contrast agent from T1. */
const scanNames: Readonly<Record<string, Pick<BidsName, 'entities' | 'suffix'>>> = {
  t1: { entities: {}, suffix: 'T1w' },
  t1ce: { entities: { ce: 'gadolinium' }, suffix: 'T1w' },
  t2: { entities: {}, suffix: 'T2w' },
  flair: { entities: {}, suffix: 'FLAIR' },
  pd: { entities: {}, suffix: 'PDw' },
};

/**
 * Where a volume of a case lies in a BIDS data set, without ending: `sub-01/ses-2/anat/sub-01_ses-2_T1w`.
 *
 * @param id the case's, which may name a session: `p01_ses-2`
 * @param description the entity `desc` of what is no scan, such as `synthetic`
 * @throws UtadError bad-value for an id or modality without letters and digits.
 * @source BIDS 1.9, "Derivatives" and appendix "Entities".
 */
export function bidsPath(id: string, modality: string, description?: string): string {
  const { subject, session } = bidsLabels(id);
  const { entities, suffix } = scanNames[modality] ?? { entities: {}, suffix: label(modality, modality) };
  const place = { sub: subject, ...(session === undefined ? {} : { ses: session }) };
  const folder = Object.entries(place).map(([key, value]) => `${key}-${value}/`);
  const desc = description === undefined ? {} : { desc: description };
  return `${folder.join('')}anat/${showBidsName({ entities: { ...place, ...entities, ...desc }, suffix, extension: '' })}`;
}

/** Labels of a case's subject and session in BIDS: those of its id, or what can be made of it. */
export function bidsLabels(id: string): { readonly subject: string; readonly session: string | undefined } {
  const parts = /^(?:sub-)?(.*?)(?:_ses-([^_]+))?$/i.exec(id)!;
  return {
    subject: label(parts[1]!, id),
    session: parts[2] === undefined ? undefined : label(parts[2], id),
  };
}

/** BIDS labels are letters and digits alone. */
function label(text: string, whole: string): string {
  const plain = text.replace(/[^a-z0-9]/gi, '');
  if (plain !== '') return plain;
  return fail('bad-value', { where: whole, expected: 'a name with letters or digits', got: whole });
}

function isVolume(extension: string): boolean {
  return wholeFileEnding(extension) === extension;
}
