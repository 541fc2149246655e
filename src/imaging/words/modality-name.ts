import { plainWords, signsAsWords } from './plain-words.js';

/**
 * Names that data sets, scanners and people give to modalities, and this project's. Compared without case, blanks and
 * marks; `T2*` is `t2star`. Every reader of names goes by this table: files, channels, mapping files, options, DICOM.
 */
const spellings = {
  t1: ['t1', 't1w', 't1n', 't1native', 't1weighted'],
  t1ce: [
    ...[
      't1ce',
      't1c',
      't1wc',
      't1cw',
      't1wce',
      't1cew',
      't1ca',
      't1cm',
      't1ceweighted',
      'cet1',
      'cet1w',
      'ct1',
      'ct1w',
    ],
    ...[
      't1gd',
      't1wgd',
      't1gdw',
      't1gad',
      't1wgad',
      't1gado',
      't1gadolinium',
      'gdt1',
      'gdt1w',
      'gadt1',
      't1km',
    ],
    ...['t1post', 't1wpost', 't1postgd', 't1postgad', 't1postcontrast', 't1wpostcontrast', 'postcontrastt1'],
    ...['t1contrast', 't1wcontrast', 't1contrastenhanced', 'contrastenhancedt1', 't1enhanced'],
  ],
  t2: ['t2', 't2w', 't2weighted'],
  flair: ['flair', 't2f', 't2flair', 't2wflair', 'flairt2', 'flairw', 'fluidattenuatedinversionrecovery'],
  pd: ['pd', 'pdw', 'protondensity'],
  t2star: ['t2star', 't2starw', 't2starweighted'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const canonical: ReadonlyMap<string, string> = new Map(
  Object.entries(spellings).flatMap(([name, all]) => all.map((spelling) => [spelling, name] as const)),
);
const order = ['t1', 't1ce', 't2', 'flair'];

/** The modality that a single word spells, in lower case without marks: `t2f` is flair; undefined for other words. */
export function modalityOfWord(word: string): string | undefined {
  return canonical.get(word);
}

/** The words that spell a modality, as a part of a regular expression. */
export function spelledAs(modality: keyof typeof spellings, except: readonly string[] = []): string {
  return spellings[modality].filter((word) => !except.includes(word)).join('|');
}

/** Signs that are left when those of contrast agent are words: what they mean beside a modality is not known. */
const unclearSign = /[*+?~^%&]|[-\u2212\u2013]\s*$/u;
/** `T1-C` is the name of a T1 with contrast agent, and of one without. */
const unclearDash = /^t1w?\s*[-\u2212\u2013]\s*c$/iu;

/** The modality that a whole name spells: `T1w` is t1, `T1 + C` t1ce; undefined for what is unknown or unclear. */
export function knownModality(name: string): string | undefined {
  const signed = signsAsWords(name);
  if (unclearSign.test(signed) || unclearDash.test(name.trim())) return undefined;
  return canonical.get(plainWords(name).replaceAll(' ', ''));
}

/** This project's name of a modality that a data set spells its own way, as {@link knownModality}; unknown ones in lower case. */
export function modalityOfName(name: string): string {
  return knownModality(name) ?? name.toLowerCase().trim().replace(/\s+/g, '-');
}

/** Names each once: t1, t1ce, t2, flair, then others by the alphabet. */
export function inModalityOrder(names: Iterable<string>): readonly string[] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/**
 * Which of some modalities a person means: the one of this name, else the only one that the name spells another way, as
 * `T1c` spells t1ce.
 */
export function modalityAmong(modalities: readonly string[], name: string): string | undefined {
  if (modalities.includes(name)) return name;
  const meant = knownModality(name) ?? name.toLowerCase();
  const fitting = modalities.filter((one) => (knownModality(one) ?? one.toLowerCase()) === meant);
  return fitting.length === 1 ? fitting[0] : undefined;
}
