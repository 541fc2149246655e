import { modalityOfWord } from '../imaging/words/modality-name.js';
import {
  bothContrastWords,
  contrastWords,
  noContrastWords,
  otherWords,
  weightingWords,
} from '../imaging/words/sequence-words.js';
import { modalityWithin } from './name-words.js';
import type { VolumeName } from './volume-name.js';

const four = ['t1', 't1ce', 't2', 'flair'];
/** What stands between two images of which one was brought to the other. */
const toward = ['to', 'in', 'on', 'onto', 'into', '2', 'space'];
/** Words for images that are derived, or are no patient's, beside those for sequences. */
const derived =
  /^(?:map|mask|prob\w*|pve\w*|field\w*|warp\w*|jac\w*|deform\w*|disp\w*|atlas|templates?|mni\w*|icbm\w*|mean|average|avg|std|dyn\w*|b0|epi|ep2d|diff\w*|error|residual|noise|uncertainty|pred\w*|predictions?|generated|fake|recon\w*|made|synth\w*|synthetic|spread|rcbv|cbv|cbf|mtt|adc|swi|asl|dwi|gre|pd|t2star)$/;
/** Maps of diffusion, whose short names are patients' initials beside a modality. */
const shortMap = /^(?:fa|md|rd|ad|ph)$/;
/** A letter before a modality that says what a program did to it, as `y_T1`, a deformation of SPM. */
const program = /^(?:[rwyu]|iy|wr|rw|swr?|wm|mw)$/;
/** What may follow a modality without saying anything of contrast agent. */
const afterwards =
  /^(?:\d\w*|brain|bias\w*|bet|unstripped|stripped|strip|skull|reg|registered|r2s|n4|defaced|masked|orig|origspace|norm\w*|ns|ss|warped|restore|iso|voided|inference|copy|nii)$/;
/** Words about contrast agent that stand for other things where an image is no T1. */
const vague = /^(?:post|pre|delayed|early|late)$/;

/**
 * What an image's words say.
 *
 * @param own the words of its name without the patient's id
 * @param ofId the words of the id
 */
export function readImageWords(own: readonly string[], ofId: readonly string[] = []): VolumeName {
  const named = own.map(modalityOfWord);
  const modalities = [...new Set(named.filter((one) => one !== undefined))];
  const [only, ...more] = modalities;
  if (only === undefined) return withoutModality(own);
  const others = own.filter((_, place) => named[place] === undefined);
  const unsure = (like: readonly string[], because: string): VolumeName => ({
    kind: 'unsure',
    like,
    because,
  });
  if (more.length > 0) return severalModalities(modalities);
  if (!four.includes(only))
    return { kind: 'other', because: `its name says “${shown(own[named.indexOf(only)]!)}”` };
  const other = otherIn(others);
  if (other !== undefined) return { kind: 'other', because: `its name says “${other}”` };
  const strange = others.find((word) => modalityWithin(word) !== undefined);
  if (strange !== undefined)
    return unsure([...new Set([only, modalityWithin(strange)!])], `its name says “${strange}”`);
  const contrast = contrastDoubt(only, others, ofId, own);
  if (contrast !== undefined) return contrast;
  const last = named.lastIndexOf(only);
  if (last < own.length - 1) {
    const isPlain = own.slice(last + 1).every((word) => afterwards.test(word));
    const like = only === 't1' && !isPlain ? ['t1', 't1ce'] : [only];
    return unsure(like, `its name goes on after “${own[last]}”`);
  }
  const before = own[last - 1];
  if (before !== undefined && toward.includes(before) && (before !== '2' || last > 1))
    return unsure([], `its name says “${before} ${own[last]}”`);
  if (before !== undefined && program.test(before))
    return unsure([only], `its name says “${before}” before “${own[last]}”, as programs name other versions`);
  return { kind: 'modality', modality: only };
}

function severalModalities(modalities: readonly string[]): VolumeName {
  const like = modalities.filter((one) => four.includes(one));
  return {
    kind: 'unsure',
    like,
    because: `its name says ${modalities.map((one) => `“${one}”`).join(' and ')}`,
  };
}

function withoutModality(own: readonly string[]): VolumeName {
  const other = otherIn(own) ?? own.find((word) => shortMap.test(word));
  if (other !== undefined) return { kind: 'other', because: `its name says “${other}”` };
  const strange = own.flatMap((word) => {
    const within = modalityWithin(word);
    return within === undefined ? [] : [{ word, within }];
  });
  if (strange.length > 0) {
    const like = [...new Set(strange.map(({ within }) => within))];
    return {
      kind: 'unsure',
      like: like.includes('t1') ? [...like, 't1ce'] : like,
      because: `its name says “${strange[0]!.word}”`,
    };
  }
  const text = own.join(' ');
  const rule = weightingWords.find(({ words }) => words.test(text));
  if (rule !== undefined) {
    const because = `its name says “${rule.words.exec(text)![0]}”`;
    return { kind: 'unsure', like: rule.kind === 't1' ? ['t1', 't1ce'] : [rule.kind], because };
  }
  const agent = contrastWords.exec(text)?.[0];
  if (agent !== undefined)
    return { kind: 'unsure', like: ['t1ce'], because: `its name says “${agent}” and no modality` };
  return { kind: 'unknown' };
}

/** Doubt that a word about contrast agent casts on a modality. */
function contrastDoubt(
  modality: string,
  others: readonly string[],
  ofId: readonly string[],
  own: readonly string[],
): VolumeName | undefined {
  const said = contrastSaid(others);
  // At the beginning of a name a single letter is a patient.
  const besideC = own.indexOf('c') > 0 && own[own.indexOf('c') + 1]?.startsWith('t1') ? 'c' : undefined;
  const word = said.unclear ?? said.given ?? said.notGiven ?? besideC;
  if (modality === 't1') {
    const inId = contrastSaid(ofId);
    const doubtful = word ?? inId.unclear ?? inId.given;
    if (doubtful === undefined) return undefined;
    return { kind: 'unsure', like: ['t1', 't1ce'], because: `its name says “${doubtful}” beside T1` };
  }
  if (modality === 't1ce') {
    const against = said.unclear ?? said.notGiven;
    if (against === undefined) return undefined;
    return {
      kind: 'unsure',
      like: ['t1ce', 't1'],
      because: `its name says “${against}” beside a T1 with contrast agent`,
    };
  }
  if (word === undefined || vague.test(word) || said.given === undefined) return undefined;
  return { kind: 'unsure', like: [modality], because: `its name says “${word}”` };
}

interface ContrastSaid {
  readonly given?: string | undefined;
  readonly notGiven?: string | undefined;
  readonly unclear?: string | undefined;
}

/** What words say of contrast agent; unclear where it was both given and not, or where a word only contains it. */
export function contrastSaid(words: readonly string[]): ContrastSaid {
  const text = words.join(' ');
  const notGiven = noContrastWords.exec(text)?.[0];
  const given = contrastWords.exec(text.replace(new RegExp(noContrastWords, 'gu'), ' '))?.[0];
  const both =
    bothContrastWords.exec(text)?.[0] ?? (given !== undefined && notGiven !== undefined ? given : undefined);
  const within = words.find((word) =>
    /contrast|kontrast|gad(?:o|bu|ov|ter|$)|^post(?:c|g|k|inj)|(?:with|non?|pre|post)(?:ce|gd|km|c)$/.test(
      word,
    ),
  );
  const unclear = both ?? (given === undefined && notGiven === undefined ? within : undefined);
  return { given, notGiven, unclear };
}

/** The word of a sequence that is none of the four, or of an image that is derived. */
function otherIn(words: readonly string[]): string | undefined {
  const plain = words.find((word) => derived.test(word));
  if (plain !== undefined) return shown(plain);
  // `sub-01` is a patient.
  const text = words.join(' ').replace(/\bsub(?= \w*\d)/g, ' ');
  return otherWords.map(({ words: rule }) => rule.exec(text)?.[0]).find((word) => word !== undefined);
}

function shown(word: string): string {
  return word.startsWith('t2star') ? 'T2*' : word;
}
