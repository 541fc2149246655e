/**
 * What the name of a label means: the regions of a tumour that it lies in; `none` for what is surely no tumour;
 * `elsewhere` for another part of the body; `unclear` for what speaks of a tumour and is not understood; else `unknown`.
 */
export type PartMeaning = readonly string[] | 'none' | 'elsewhere' | 'unclear' | 'unknown';

/** Names that are understood as a whole, never by a word in them: `not enhancing` is no enhancing tumour. */
const meanings: readonly (readonly [RegExp, PartMeaning])[] = [
  [
    /^(?:background|bg|unlabell?ed|clear label|outside|brain|healthy(?: tissue| brain)?|normal(?: tissue| brain)?|(?:tumou?r )?resection(?: cavity)?|rc|(?:surgical )?cavity)$/,
    'none',
  ],
  [
    /^(?:(?:peri ?tumou?ral|vasogenic|surrounding)? ?o?edema|ed|snfh|peri ?tumou?ral o?edematous(?: ?(?:and)? ?invaded)?(?: tissue)?|surrounding non ?enhancing flair hyperintensity)$/,
    ['whole'],
  ],
  [
    /^(?:ncr|net|netc|ncr net|necro(?:sis|tic)(?: (?:tumou?r )?core| tumou?r)?|non ?enhancing(?: tumou?r)?(?: core)?|necro(?:sis|tic) and non ?enhancing(?: tumou?r)?(?: core)?|cyst(?:ic)?(?: component)?)$/,
    ['whole', 'core'],
  ],
  [
    /^(?:et|gd et|(?:gd|gad|gadolinium|contrast)? ?enhancing(?: (?:tumou?r|lesion))?(?: core)?|active tumou?r)$/,
    ['whole', 'core', 'enhancing'],
  ],
  [/^(?:tc|(?:tumou?r )?core)$/, ['whole', 'core']],
  [
    /^(?:wt|gtv|(?:(?:whole|complete|entire) )?(?:brain )?(?:tumou?r|lesion)|glioma|glioblastoma|meningioma|cancer|(?:brain )?metastas[ei]s)$/,
    ['whole'],
  ],
  [
    /^(?:(?:left|right|whole) )?(?:ventric(?:le|les|ular system)|csf|cerebrospinal fluid|gr[ae]y matter|white matter|gm|wm|skull|scalp|vessels?|hepatic vessels?|liver|pancreas|kidneys?|lungs?|colon|prostate|spleen|bladder|brainstem|cerebellum|eyes?|optic nerves?|hippocamp(?:us|i)|heart|stomach|spine|bones?|muscles?)$/,
    'elsewhere',
  ],
  [
    /tumou?r|enhanc|necro|edema|core|cyst|flair|\bt[12]\b|glio|lesion|metasta|infiltrat|invad|hyperintens|swelling|abnormal|cavit|cancer|solid|(?:^| )(?:n?cet?|cc|nec|enh|nonenh)(?: |$)/,
    'unclear',
  ],
];

/** What the name of a label in a table means. */
export function meaningOfPart(name: string): PartMeaning {
  const plain = name
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
  return meanings.find(([rule]) => rule.test(plain))?.[1] ?? 'unknown';
}
