import { modalityOfWord } from '../imaging/words/modality-name.js';
import { plainWords } from '../imaging/words/plain-words.js';

/**
 * The words of a name in lower case, also where only capitals part them: `brainT1` is two words. Those that together
 * spell a modality stay one: `T1Gd`, and `T2 FLAIR` is flair.
 */
export function wordsOf(name: string): string[] {
  const apart = name.replace(/[a-z0-9]+/gi, (word) =>
    modalityOfWord(word.toLowerCase()) === undefined && !prefixed.test(word.toLowerCase())
      ? word
          .replace(/(?<=[a-z0-9]{2})(?=flair)|(?<=flair)(?=[a-z])/gi, ' ')
          .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')
      : word,
  );
  const words = plainWords(apart).split(' ');
  return joined(words).filter((word) => word !== '');
}

/** `T2 FLAIR` is the full name of FLAIR; every other pair of modalities is two. */
function joined(words: readonly string[]): string[] {
  return words.flatMap((word, place) => {
    const isT2 = modalityOfWord(word) === 't2';
    if (isT2 && words[place + 1] === 'flair') return [];
    if (isT2 && words[place + 1] === 'star') return ['t2star'];
    return [word];
  });
}

/** What programs and people write before a modality without a mark between, as `rT1` of SPM. */
const prefixed =
  /^(?:[rwmsuyqn]|s\d+w?|wm|iy|wr|rw|swr?|mw|rm|mr|[smwr]{0,4}c[1-6]|brain|skull|bet|reg|n4|iso|post|pre|gd|ce|km|non?|raw|orig|warped|mean|fat|fs|norm|diff|sub|\dd)(t1|t2|flair)/;

/** The modality that a word seems to name without being a word for it, such as `rt1`, `t1map` and `flairax`. */
export function modalityWithin(word: string): string | undefined {
  if (modalityOfWord(word) !== undefined) return undefined;
  const [, name] = prefixed.exec(word) ?? /^(t[12])(?=[a-z])/.exec(word) ?? /(flair)/.exec(word) ?? [];
  return name;
}
