import { spelledAs } from './modality-name.js';

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

/** How a description names a kind of series: whole words of the text that `plainWords` gives. */
interface WordRule<Kind extends string> {
  readonly kind: Kind;
  readonly words: RegExp;
}

const words = (pattern: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'u');

/** Descriptions of what is none of the four contrasts; the first that fits counts. */
export const otherWords: readonly WordRule<OtherSequence>[] = [
  { kind: 'synthetic', words: words('synthetic|synth|synthesi[sz]ed|magic|symri') },
  {
    kind: 'screenshot or report',
    words: words(
      'screen ?(?:save|shot|capture)s?|report|dose (?:report|info\\w*|sheet|record)|(?:patient|radiation) dose|key images?|presentation|secondary capture|summary|scanned|exam (?:card|data)',
    ),
  },
  {
    kind: 'localizer or calibration',
    words: words(
      'loc|local|pilot|locali[sz]er?s?|scout|survey|(?:3|tri) ?(?:plane|plan|planar|pl)(?: loc)?|aahead\\w*|aascout|smart ?brain|calib\\w*|cal|asset(?: cal)?|coil ?survey|(?:sense )?ref ?scan|sense ref|reference scan|(?:b0|b1|field|gre field) ?map(?:ping)?|gre ?field\\w*(?: mag\\w*)?|shim|topogram|plan scan',
    ),
  },
  {
    kind: 'diffusion',
    words: words(
      '(?:ep2d |ms )?diff(?:usion)?\\w*|\\d+ ?dirs?|dwi\\w*|dti\\w*|e?adc|exp(?:onential)? (?:apparent|adc)|(?:apparent )?diffusion coefficient|trace ?w?|tracew|tensor|fractional aniso\\w*|col ?fa|fa map|dki|ivim|noddi|hardi|resolve|avg dc|b ?(?:50|100|400|500|600|700|800|900|1000|1500|2000|3000)(?: ?s mm2)?',
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
      'swi\\w*|swan\\w*|(?:ven|veno) ?bold|pha ?images?|mag ?images?|mip ?images?(?: sw)?|min ?ip|qsm|hemo\\w*|heme|hem|t2 ?star\\w*|gre ?t2|t2 ?(?:w )?(?:2d )?(?:gre|ffe|flash|fl2d)|t2 (?:tra|ax|sag|cor) (?:gre|ffe)|medic|r2 ?star|suscept\\w*',
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
      `${spelledAs('flair')}|(?:s|t2|3d|2d|ax|sag|cor|cube|tse|fse|ir|space|vista|brainview|adv)?flair\\w*|dark ?fluid|da ?fl|darkfl|tirm(?: dark(?: fluid)?)?|fluid attenuat\\w*|spcir|flr`,
    ),
  },
  {
    kind: 't1',
    words: words(`${spelledAs('t1')}|${spelledAs('t1ce')}|(?:s|e|3d|2d|ax|tra|sag|cor|ob)?t1\\w*`),
  },
  { kind: 't2', words: words('(?:s|e|3d|2d|ax|tra|sag|cor|ob)?t2\\w*') },
  {
    kind: 't1',
    words: words(
      '(?:moco ?)?(?:me ?|m)?mp ?rage\\w*|mpr|(?:ir ?)?f?spgr\\w*|bravo|e?vibe|fl3d|tfl ?3d|tfl|(?:3d ?)?tfe|e?thrive|efgre3d|lava|mp2rage|spoiled gr\\w*',
    ),
  },
  { kind: 't2', words: words('frfse\\w*|haste|ssfse') },
];

/** What `pre` and `post` may refer to that is no contrast agent. */
const treatment =
  'fossa|op|ops|operat\\w*|surg\\w*|resect\\w*|biops\\w*|rt|xrt|rx|tx|radi\\w*|treat\\w*|chemo\\w*|therap\\w*|icu|ictal|trauma|process\\w*|proc|cranio\\w*|stroke|shunt|sedation|transplant';
/** What may be left out, or given, that is no contrast agent. */
const otherThing =
  'fs|fat|fatsat|fatsup\\w*|sat|spair|spir|stir|gap|angle|angulation|tilt|filter|norm|moco|motion|flow|gating|wrap|sense|grappa|sedation|correction|corr|distortion|nav\\w*|head|coil|zoom|arc|asset|interp\\w*|mt|mtc|dixon|zip\\w*';
const notTreatment = `(?! ?(?:${treatment})(?![a-z]))`;

const agents =
  'gd|gad|gado\\w*|gadavist|gadolin\\w*|dotarem|clariscan|magnevist|prohance|multihance|omniscan|elucirem|vueway|optimark|ablavar|primovist|eovist|contrast(?!free|less)\\w*|contrastmiddel|kontrast(?!s[iy]z|frei|los)\\w*|km|mdc|ce|inj|injec\\w*|injek\\w*|inyec\\w*|iniez\\w*|ivkm';
/** What may stand between a negation and the agent: `ohne iv KM`, `sans injection de gado`, `vor Gabe von KM`. */
const filler = 'iv|any|the|of|der|die|de|d|di|du|la|von|gabe|applikation|administration|bolus|med';

/** Words that say that contrast agent was given, without regard to what stands before them. */
const positive = `post${notTreatment}|postcontrast|post(?:gad|gd|con|contrast|kontrast|km|inj\\w*|ce|c)|enhanced|delayed`;

/** Words that say that contrast agent was given. */
export const contrastWords = words(
  `${positive}|${agents}|(?:with|avec|mit)(?= ?$)|${spelledAs('t1ce', ['t1c', 't1wc'])}|t1 ?w?c(?! ?(?:spine|sp|col|th?|l|spin\\w*)(?![a-z]))|t1 ?w?ce|t1 ?w?gd|t1 ?w?post${notTreatment}`,
);

/** Words by which languages say that something was not given, or not yet. */
const negation = `without|withou|wo|wout|w out|pre${notTreatment}|before|ohne|vor|prae|pra|sans|avant|sin|sem|senza|zonder|utan|uten|uden|bez`;
/** Words that say so only before an agent's name; elsewhere they mean other things. */
const negationOfAgent = [
  'no|non|not|none|zero|minus|prior to|kein\\w*|ss|pas d|antes(?: de\\w*)?|previo\\w*|prima|voor|geen|inden|fore|for|foer|f\u00f8r',
  'brez|przed|pred|prije|pirms|ilman|ennen|ilma|enne|fara|inainte|tanpa|sense|pries|khong|\u0431\u0435\u0437|\u0434\u043e|\u03c7\u03c9\u03c1\u03b9\u03c2|\u03c0\u03c1\u03b9\u03bd',
].join('|');

/** What negates the agent from behind: `kontrast nelkul`, `KM nein`, `contrast: none`, `contrast free`. */
const negationBehind = 'nelkul|elott|oncesi|nein|none|no|not given|free|frei|negative?|neg|off|0|nil|non';

/** Words that say of themselves that none was given. */
const unenhanced =
  't1n|t1native|nativ\\w*|natyw\\w*|natiiv\\w*|unenhanced|unenh|non ?(?:contrast|con|enhanced|enh|ce|gd|gad|inj\\w*)|no ?con|precontrast|pre(?:gad|gd|con|contrast|kontrast|c|ce|km|inj\\w*)|(?:ohne|vor|prae)km|sans(?:gado\\w*|gd|inj\\w*|iv)|plain|blanco|contrast ?(?:free|less)|kontrast(?:siz|syz|frei|los)|nc|noncon|nongad';

/** Words that say that none was given; what follows them belongs to them, as in `without contrast`. */
export const noContrastWords = words(
  `(?:${negation})(?! (?:${otherThing})(?![a-z]))(?: (?:${filler}|${agents}|enhanced|enhancement))*|(?:${negationOfAgent})(?: (?:${filler}))*(?: (?:${agents}|enhanced|enhancement))+|(?:${agents}) (?:${negationBehind})(?![a-z0-9])|${unenhanced}`,
);

const affirmation = 'w|with|avec|mit|con|com|met|med|nach|post|apres|after|cu|ile|s|z';
const conjunction = '(?:and |or |et |ou |und |oder |y |o |e |en |og |och |i )';

/** Words that name both, as hospitals name whole examinations. */
export const bothContrastWords = words(
  `(?:${affirmation}) ${conjunction}?(?:${negation})|(?:${negation}) ${conjunction}?(?:${affirmation})|wwo|pre (?:and |et )?post\\w*`,
);

const agentWord = words(agents);
const positiveWord = words(
  `${positive}|with|w|avec|mit|con|com|met|med|cu|nach|apres|dopo|despues|tras|pos|na|nakon|po|efter|etter|dupa|sonrasi|late|early|min|plus|and|und|et|iv|ev|agent|material|media|medium|bolus|ml|mmol|${filler}`,
);
/** Words that say nothing about contrast agent: planes, sequences, parts of the body, and whatever has a digit. */
const neutralWord = words(
  '(?!0$)[a-z]*\\d\\w*|ax|axial\\w*|axi|axl|tra|trans\\w*|sag\\w*|cor|coro\\w*|kor\\w*|obl\\w*|se|tse|fse|ge|gre|gr|ffe|tfe|ir|sp|spgr|f?spgr\\w*|mpr|(?:me|m)?mp ?rage|bravo|vibe|flash|space|spc|cube|vista|tfl|thrive|lava|blade|propeller|flair|tirm|w|wi|fs|fat|fatsat|sat|spair|spir|dixon|water|iso\\w*|ns|nd|hr|hires|high|res|thin|thick|vol\\w*|brain|head|kopf|hirn|schadel|cerveau|crane|cranio|cerebro|encefalo|neuro|spine|stealth|nav\\w*|brainlab|gamma|knife|mr|mri|irm|rm|mrt|reg|std|dose|single|double|half|triple|full|sense|grappa|tumou?r|protocol|routine|repeat|rpt|rep|eg|es|ob|weighted|gewichtet|pond\\w*',
);

/** The word beside an agent's name that may turn it into its opposite; nothing where only known words stand there. */
export function unclearBesideAgent(text: string): string | undefined {
  const known = (word: string | undefined): boolean =>
    word === undefined ||
    [agentWord, positiveWord, neutralWord].some((rule) => rule.exec(word)?.[0] === word);
  const parts = text.split(' ');
  for (const [place, word] of parts.entries()) {
    if (agentWord.exec(word)?.[0] !== word) continue;
    const unclear = [parts[place - 1], parts[place + 1]].find((beside) => !known(beside));
    if (unclear !== undefined) return unclear;
  }
  return undefined;
}
