import { modalityOfWord } from '../imaging/words/modality-name.js';
import { modalityWithin } from './name-words.js';
import type { VolumeName } from './volume-name.js';

const mask =
  /^(?:segs?|segm|segmentations?|masks?|labels?|labelmaps?|lesions?|tumou?rs?|gtv|ctv|ptv|rois?|gt|ot|groundtruth|glistr|brainmask|aseg|aparc|synthseg|pveseg|mixeltype|parc\w*|dseg|outline|contours?|annotations?|[a-z]{2,}(?:seg|segm|segmentation|mask))$/;
/** Words that alone say a tumour's mask, as in BraTS. */
const segmentation =
  /^(?:segs?|segm|segmentations?|gtv|glistr|(?:tumou?r|lesion)(?:seg|segm|segmentation|mask))$/;
const tumour =
  /^(?:tumou?rs?|lesions?|glioma|gbm|hgg|lgg|meningioma|metastas[ei]s|mets?|cancer|brats|wt|whole|gtv|glistr|(?:tumou?r|lesion)(?:seg|segm|segmentation|mask))$/;
/** Words that say how a mask came about, not of what. */
const neutral =
  /^(?:\d+|v\d+|r\d+|rater\d*|reader\d*|final|manual|manually|corrected|revised|reviewed|edited|expert|consensus|truth|ground|gt|auto|automated|automatic|approx|boost|multi|multiclass|binary|native|space|iso|\d*mm|nifti|nii|image|img|volume|map|new|clean|mask|and|to|the|of)$/;
/** Parts of a tumour: a mask of one is not the whole. */
const part =
  /^(?:core|tc|et|cet|ncr|net|ncrnet|necro\w*|ed|edema|oedema|enh\w*|enhanc\w*|nonenh\w*|cyst\w*|snfh|flairhyper\w*|cavity|resect\w*|rc|cellular|pre|post)$/;
/** Parts of a head, and what programs segment that is no tumour. */
const anatomy =
  /^(?:brain\w*|(?:tissue|wm|gm|csf|fast|head|skull|bet|aparc|synth|pve|sam|a)(?:seg|segm|segmentation|mask)|wm|gm|csf|white|gr[ae]y|matter|tissues?|parenchyma|skull\w*|scalp|head|face|bone|bet|strip\w*|stripped|vessels?|arter\w*|vein\w*|sinus|ventric\w*|hippo\w*|amygdala|thalam\w*|hypothalam\w*|cortex|cortical|subcort\w*|cerebell\w*|cerebrum|brainstem|stem|midbrain|pons|chiasm|optic|nerve|eyes?|lens|orbits?|pituitary|organs?|oars?|lobes?|regions?|hemi\w*|left|right|atlas|parc\w*|aparc|aseg|synthseg|samseg|fast|firstseg|first|freesurfer|fs|pve\w*|mixeltype|wmh|infarct|stroke|hemorrhage|bleed|air|background|foreground|fov|body|field|edge|hyperintens\w*)$/;
/** What a network or a program answered, not what people drew. */
const predicted =
  /^(?:pred|predicted|predictions?|output|nnunet|deepmedic|swin\w*|unet|hdglio|deepbratumia|estimated|result)$/;

/** Whether words speak of a mask. */
export function maskWordsIn(words: readonly string[]): boolean {
  return words.some((word) => mask.test(word));
}

/**
 * What a mask's words say: a tumour only where nothing else is named.
 *
 * @param words of its name
 * @param beside the words of other names in the folder, where they are known: a word that only a mask has says of what it is
 */
export function readMaskWords(words: readonly string[], beside: ReadonlySet<string> = new Set()): VolumeName {
  const unsure = (because: string): VolumeName => ({ kind: 'unsure', like: ['seg'], because });
  const saying = (rule: RegExp): string | undefined => words.find((word) => rule.test(word));
  const last = words.findLast((word) => !neutral.test(word) || mask.test(word));
  const modality = words.find(
    (word) => modalityOfWord(word) !== undefined || modalityWithin(word) !== undefined,
  );
  if (words.at(-1) === modality && modality !== undefined) {
    const like = [modalityOfWord(modality) ?? modalityWithin(modality)!];
    return { kind: 'unsure', like, because: `its name says “${saying(mask)}” and “${modality}”` };
  }
  const made = saying(predicted);
  if (made !== undefined) return { kind: 'other', because: `its name says “${made}”: a network’s answer` };
  const where = saying(anatomy);
  if (where !== undefined && saying(tumour) !== undefined) return unsure(`its name says “${where}” as well`);
  if (where !== undefined) {
    const isBrain =
      /^(?:brain(?:mask)?|bet\w*|skull ?strip\w*|strip\w*)$/.test(where) &&
      saying(/^(?:masks?|[a-z]*mask)$/) !== undefined;
    return isBrain ? { kind: 'brain' } : { kind: 'other', because: `its name says “${where}”, no tumour` };
  }
  const some = saying(part);
  if (some !== undefined) return unsure(`its name says “${some}”: perhaps a part of the tumour`);
  if (modality !== undefined) return unsure(`its name says “${modality}” as well`);
  const isNamed =
    words.some((word) => segmentation.test(word)) || words.filter((word) => tumour.test(word)).length > 1;
  const isTumour =
    saying(tumour) !== undefined &&
    (isNamed || saying(/^(?:masks?|labels?|labelmaps?|rois?)$/) !== undefined);
  if (!isNamed && !isTumour) return unsure(`its name does not say of what it is a mask`);
  const known = (word: string): boolean => [mask, tumour, neutral].some((rule) => rule.test(word));
  const strange = words.find((word) => !known(word) && !beside.has(word));
  if (beside.size > 0 && strange !== undefined) return unsure(`its name says “${strange}” as well`);
  if (last === undefined || !mask.test(last)) return unsure(`its name goes on after the mask: “${last}”`);
  return { kind: 'tumour' };
}
