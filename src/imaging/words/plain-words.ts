/** Agents and what else stands for "contrast" beside a sign, as in `C+`, `-KM`, `s/mdc`. */
const signedAgent = '(?:contrast\\w*|kontrast\\w*|gad\\w*|gd|km|ce|mdc|inj|iv|c|k)';
const minus = '[-\u2212\u2013]';
const signs: readonly (readonly [pattern: string, word: string])[] = [
  [`(?:\\+ ?\\/? ?${minus}|\u00b1)`, 'with and without'],
  [`(?<![a-z])(?:w\\/o|n\\/c|s\\/ ?(?=${signedAgent}(?![a-z])))`, 'without'],
  [`(?<![a-z])[wc]\\/ ?${signedAgent}(?![a-z])`, 'contrast'],
  [`\\+[ _]?${signedAgent}(?![a-z])|(?<![a-z])${signedAgent}[ _]?\\(?\\+\\)?(?![a-z])`, 'contrast'],
  // A minus that joins nothing: `C-`, `GD(-)`; a dash between words has something on both sides.
  [`(?<![a-z])${signedAgent}(?:\\(${minus}\\)|${minus}(?![a-z0-9])|[ _]${minus}$)`, 'without'],
  [`(?<=^|[ _(])${minus} ?${signedAgent}(?![a-z])`, 'dash contrast'],
];

/** A text without accents whose signs are words: `T2*` is `t2star`, `+C` is `contrast`, `C-` and `s/c` are `without`. */
export function signsAsWords(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/t2[ _-]?\*/gi, ' t2star ')
    .trim();
  return signs.reduce((rest, [pattern, word]) => rest.replace(new RegExp(pattern, 'gi'), ` ${word} `), plain);
}

/**
 * A description as lower-case words without accents: separators become blanks, signs words as by {@link signsAsWords},
 * and a minus that may be a dash, as in ` -KM`, is `dash contrast`.
 */
export function plainWords(text: string): string {
  return signsAsWords(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .toLowerCase()
    .trim();
}
