/** Kinds of series that are none of the four contrasts. */
export type OtherSequence =
  | 'not MR'
  | 'synthetic'
  | 'localizer or calibration'
  | 'diffusion'
  | 'perfusion'
  | 'functional'
  | 'susceptibility or T2*'
  | 'angiography or flow'
  | 'spectroscopy'
  | 'screenshot or report'
  | 'subtraction, projection or map'
  | 'phase or part of a complex image'
  | 'proton density'
  | 'STIR or double inversion'
  | 'steady state'
  | 'magnetisation transfer';

/** How a description names a kind of series: whole words of the text that {@link plainWords} gives. */
export interface WordRule<Kind extends string> {
  readonly kind: Kind;
  readonly words: RegExp;
}

const words = (pattern: string): RegExp => new RegExp(`(?<![a-z0-9])(?:${pattern})(?![a-z0-9])`);

/**
 * A description as lower-case words: separators become blanks, `T2*` becomes `t2star`, `+C` and `C+` become
 * `contrast`.
 */
export function plainWords(text: string): string {
  return text
    .replace(/t2[ _-]?\*(?!\w)/gi, ' t2star ')
    .replace(/\+[ _]?(?:c|gd|gad|k|km|ce|contrast)(?![a-z])|(?<![a-z])c\+(?![a-z])/gi, ' contrast ')
    .replace(/(?<![a-z])w\/o(?![a-z])|(?<![a-z])s\/c(?![a-z])/gi, ' without ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .toLowerCase()
    .trim();
}

/** Descriptions of what is none of the four contrasts; the first that fits counts. */
export const otherWords: readonly WordRule<OtherSequence>[] = [
  { kind: 'synthetic', words: words('synthetic|synth|synthesi[sz]ed|magic|symri') },
  {
    kind: 'screenshot or report',
    words: words(
      'screen ?(?:save|shot|capture)s?|report|dose|key images?|presentation|secondary capture|summary|scanned|exam (?:card|data)',
    ),
  },
  {
    kind: 'localizer or calibration',
    words: words(
      'loc|local|pilot|locali[sz]er?s?|scout|survey|(?:3|tri) ?(?:plane|plan|planar|pl)(?: loc)?|aahead\\w*|aascout|smart ?brain|calib\\w*|cal|asset(?: cal)?|coil ?survey|(?:sense )?ref ?scan|sense ref|reference scan|(?:b0|b1|field|gre field) ?map(?:ping)?|shim|topogram|plan scan',
    ),
  },
  {
    kind: 'diffusion',
    words: words(
      '(?:ep2d |ms )?diff(?:usion)?\\w*|dwi\\w*|dti\\w*|e?adc|exp(?:onential)? (?:apparent|adc)|(?:apparent )?diffusion coefficient|trace ?w?|tracew|tensor|fractional aniso\\w*|col ?fa|fa map|dki|ivim|noddi|hardi|resolve|avg dc|b ?(?:50|100|400|500|600|700|800|900|1000|1500|2000|3000)(?: ?s mm2)?',
    ),
  },
  {
    kind: 'perfusion',
    words: words(
      'perf\\w*|pwi|dsc|dce|(?:3d ?)?p?c?asl|asl|r?cbf|r?cbv|mtt|ttp|tmax|t max|ktrans|k trans|gbp|pbp|arterial spin\\w*|dynamic|twist|permeab\\w*',
    ),
  },
  {
    kind: 'functional',
    words: words('bold|fmri|f mri|rs ?fmri|resting(?: state)?|task|moco ?series|mocoseries'),
  },
  {
    kind: 'susceptibility or T2*',
    words: words(
      'swi\\w*|swan\\w*|(?:ven|veno) ?bold|pha ?images?|mag ?images?|mip ?images?(?: sw)?|min ?ip|qsm|hemo\\w*|heme|hem|t2 ?star\\w*|gre ?t2|t2 ?(?:w )?(?:2d )?(?:gre|ffe|flash|fl2d)|t2 (?:tra|ax|sag|cor) (?:gre|ffe)|medic|r2 ?star|suscept\\w*|fl2d',
    ),
  },
  {
    kind: 'angiography or flow',
    words: words(
      'tof\\w*|mra|mrv|mrangio\\w*|angio\\w*|venogra\\w*|inhance|pca|venc\\w*|flow(?! comp)|phase contrast|circle of willis|cow',
    ),
  },
  { kind: 'spectroscopy', words: words('svs|csi|mrs|press|steam|spectro\\w*|probe|mrsi') },
  {
    kind: 'subtraction, projection or map',
    words: words(
      'sub|subs|subtract\\w*|mip|mips|vrt|projection|rendering|fusion|fused|segment\\w*|mask|t[12] ?map\\w*|t1 ?images?|inv ?[12]|map it|mapit|parametric|elastogra\\w*|mosaic',
    ),
  },
  { kind: 'STIR or double inversion', words: words('stir|dir|double inversion\\w*|psir') },
  {
    kind: 'steady state',
    words: words('ciss|fiesta\\w*|trufi|true ?fisp|b ?ffe|balanced ?ffe|bssfp|constructive\\w*|fisp'),
  },
  {
    kind: 'magnetisation transfer',
    words: words('mtc|mt (?:on|off)|magneti[sz]ation transfer|cest|apt\\w*'),
  },
  { kind: 'proton density', words: words('pd|pdw|pd ?w?(?:tse|fse|fs)|proton ?density|dens\\w*') },
];

/** How descriptions name the weighting; the first that fits counts. */
export const weightingWords: readonly WordRule<'t1' | 't2' | 'flair'>[] = [
  // A T1 with a short inversion time, common on GE scanners.
  { kind: 't1', words: words('t1w? ?(?:[23]d )?(?:[a-z]+ )?(?:flair|tirm)|flair t1|t1flair') },
  {
    kind: 'flair',
    words: words(
      '(?:s|t2|3d|2d|ax|sag|cor|cube|tse|fse|ir|space|vista|brainview|adv)?flair\\w*|dark ?fluid|da ?fl|darkfl|tirm(?: dark(?: fluid)?)?|fluid attenuat\\w*|spcir|flr',
    ),
  },
  { kind: 't1', words: words('(?:s|e|3d|2d|ax|tra|sag|cor|ob)?t1\\w*') },
  { kind: 't2', words: words('(?:s|e|3d|2d|ax|tra|sag|cor|ob)?t2\\w*') },
  {
    kind: 't1',
    words: words(
      '(?:me ?|m)?mp ?rage\\w*|mpr|(?:ir ?)?f?spgr\\w*|bravo|e?vibe|fl3d|tfl ?3d|tfl|(?:3d ?)?tfe|e?thrive|efgre3d|lava|mp2rage|spoiled gr\\w*',
    ),
  },
  { kind: 't2', words: words('frfse\\w*|haste|ssfse') },
];

/** What may follow `post` that is no contrast agent. */
const notContrast =
  '(?! ?(?:fossa|op|ops|surg|surgery|surgical|rt|radi|radiation|treat|treatment|chemo|icu|ictal)(?![a-z]))';

/** Words that say that contrast agent was given. */
export const contrastWords = words(
  `post${notContrast}|postcontrast|post(?:gad|gd|con|contrast|kontrast|km|inj\\w*|ce|c)|gd|gad|gado\\w*|dotarem|magnevist|prohance|multihance|omniscan|clariscan|elucirem|vueway|contrast|contraste|contrasto|kontrast|km|mdc|ce|avec|with|inj|injec\\w*|enhanced|t1 ?w?c|t1 ?w?ce|t1 ?w?gd|t1 ?w?post${notContrast}|delayed`,
);

/** Words that say that none was given; what follows them belongs to them, as in `without contrast`. */
export const noContrastWords = words(
  '(?:without|no|non|wo|ohne|sans|sin|senza|pre|before|vor)(?: (?:iv|gd|gad\\w*|contrast\\w*|kontrast\\w*|km|ce|inj\\w*|mdc|enhanced))?|nativ[eo]?|unenhanced|noncontrast|nonenhanced|precontrast|pre(?:gad|gd|con|c)|plain|nc',
);

/** Words that name both, as hospitals name whole examinations. */
export const bothContrastWords = words(
  '(?:w|with) (?:and |or |et )?(?:wo|without)|(?:wo|without) (?:and |et )?(?:w|with)|wwo|pre (?:and |et )?post\\w*',
);
