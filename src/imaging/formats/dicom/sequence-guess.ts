import { plainWords } from '../../words/plain-words.js';
import {
  bothContrastWords,
  contrastWords,
  noContrastWords,
  type OtherSequence,
  otherWords,
  unclearBesideAgent,
  weightingWords,
} from '../../words/sequence-words.js';
import type { SequenceFacts } from './instance.js';

/** The four contrasts of the brain-tumour protocol. */
export type SequenceContrast = 't1' | 't1ce' | 't2' | 'flair';

/** How sure a guess is. Only `high` should be used without a person looking. */
type GuessConfidence = 'high' | 'medium' | 'low';

/** Which contrast a series shows, how sure that is and why. */
export interface SequenceGuess {
  /** `other` for what is none of the four, `unknown` where nothing points anywhere. */
  readonly contrast: SequenceContrast | 'other' | 'unknown';
  /** What it is instead. */
  readonly other?: OtherSequence;
  readonly confidence: GuessConfidence;
  /** In words, strongest first. */
  readonly reasons: readonly string[];
}

type Weighting = 't1' | 't2' | 'flair';

/**
 * Guesses the contrast of a series from its description and its sequence parameters.
 *
 * High confidence needs description and parameters to agree, and for T1 a word or attribute about contrast agent:
 * without one, t1 is a low guess, because T1 before and after contrast have the same parameters.
 */
export function guessSequence(facts: SequenceFacts): SequenceGuess {
  const text = plainWords(facts.seriesDescription ?? facts.protocolName ?? '');
  const other = findOther(facts, text);
  if (other) return other;
  const said = weightingSaid(facts, text);
  const measured = weightingOfParameters(facts);
  if (measured && 'other' in measured && !said) {
    return { contrast: 'other', other: measured.other, confidence: 'medium', reasons: [measured.reason] };
  }
  const weighting = combine(said, measured);
  if (!weighting) {
    const reasons = [text === '' ? 'it has no description' : `“${text}” names no contrast`];
    return { contrast: 'unknown', confidence: 'low', reasons: [...reasons, 'its parameters point nowhere'] };
  }
  const guess = weighting.kind === 't1' ? withContrast(weighting, facts, text) : asGuess(weighting);
  return isReformatted(facts)
    ? {
        ...guess,
        confidence: lower(guess.confidence),
        reasons: [...guess.reasons, 'it was reformatted from another series'],
      }
    : guess;
}

interface Evidence<Kind> {
  readonly kind: Kind;
  readonly reason: string;
}

/** Values of ImageType that say an image is not one of the four. @source DICOM PS3.3, C.8.3.1.1.1; vendors' terms. */
const otherImageTypes: readonly { readonly kind: OtherSequence; readonly values: readonly string[] }[] = [
  { kind: 'localizer or calibration', values: ['LOCALIZER'] },
  {
    kind: 'diffusion',
    values: ['ADC', 'TRACEW', 'TRACE', 'FA', 'DIFFUSION', 'TENSOR', 'CALC_BVALUE', 'EADC', 'DIFFUSION MAP'],
  },
  {
    kind: 'perfusion',
    values: ['ASL', 'PERFUSION', 'RELCBF', 'RELCBV', 'TTP', 'MTT', 'CBF', 'CBV', 'GBP', 'PBP'],
  },
  { kind: 'functional', values: ['FMRI', 'MOSAIC', 'T-TEST MAP', 'Z SCORE MAP'] },
  {
    kind: 'susceptibility or T2*',
    values: ['SWI', 'MNIP', 'MIN IP', 'QSM', 'R2_STAR MAP', 'T2_STAR MAP', 'T2 STAR MAP'],
  },
  { kind: 'screenshot or report', values: ['SCREEN SAVE', 'SCREENSHOT', 'SCREENSAVE', 'REPORT', 'POSDISP'] },
  {
    kind: 'subtraction, projection or map',
    values: [
      'SUBTRACTION',
      'SUB',
      'PROJECTION IMAGE',
      'MIP',
      'MAXIP',
      'PROJECTION',
      'T1 MAP',
      'T2 MAP',
      'PD MAP',
      'VRT',
      'VOLREN',
      'T1_MAP',
      'T2_MAP',
    ],
  },
  {
    kind: 'phase or part of a complex image',
    values: [
      'P',
      'PHASE',
      'PHASE MAP',
      'I',
      'R',
      'REAL',
      'IMAGINARY',
      'R_IR',
      'PHASE_MAP',
      'VELOCITY',
      'B0',
      'B1',
      'FIELD_MAP',
    ],
  },
];

/** Acquisition Contrast of enhanced files. @source DICOM PS3.3, C.8.13.2.1.2. */
const contrastTerms: ReadonlyMap<string, Weighting | OtherSequence> = new Map<
  string,
  Weighting | OtherSequence
>([
  ['T1', 't1'],
  ['T2', 't2'],
  ['FLUID_ATTENUATED', 'flair'],
  ['DIFFUSION', 'diffusion'],
  ['PERFUSION', 'perfusion'],
  ['FLOW_ENCODED', 'angiography or flow'],
  ['TOF', 'angiography or flow'],
  ['TAGGING', 'angiography or flow'],
  ['T2_STAR', 'susceptibility or T2*'],
  ['PROTON_DENSITY', 'proton density'],
  ['STIR', 'STIR or double inversion'],
]);

const isWeighting = (kind: string | undefined): kind is Weighting =>
  ['t1', 't2', 'flair'].includes(kind ?? '');

function findOther(facts: SequenceFacts, text: string): SequenceGuess | undefined {
  const other = (
    kind: OtherSequence,
    reason: string,
    confidence: GuessConfidence = 'high',
  ): SequenceGuess => ({
    contrast: 'other',
    other: kind,
    confidence,
    reasons: [reason],
  });
  const { modality, bValue } = facts;
  if (modality !== undefined && modality !== 'MR') return other('not MR', `its Modality is ${modality}`);
  const upper = facts.imageType.map((value) => value.toUpperCase());
  for (const { kind, values } of otherImageTypes) {
    // The first two values say original or derived, primary or secondary.
    const value = upper.slice(2).find((term) => values.includes(term));
    if (value !== undefined) return other(kind, `its ImageType holds ${value}`);
  }
  const term = contrastTerms.get(facts.acquisitionContrast ?? '');
  if (term !== undefined && !isWeighting(term))
    return other(term, `its AcquisitionContrast is ${facts.acquisitionContrast}`);
  for (const { kind, words } of otherWords) {
    const word = words.exec(text)?.[0];
    if (word === undefined) continue;
    const doubtful = kind === 'proton density' && weightingWords.some((rule) => rule.words.test(text));
    if (!doubtful) return other(kind, `its description says “${word}”`);
  }
  if (bValue !== undefined && bValue > 0) return other('diffusion', `it has a b-value of ${bValue}`);
  if (facts.scanningSequence.includes('EP') && !weightingWords.some((rule) => rule.words.test(text))) {
    return other('diffusion', 'it is echo-planar: diffusion, perfusion or functional', 'medium');
  }
  return undefined;
}

function weightingSaid(facts: SequenceFacts, text: string): Evidence<Weighting> | undefined {
  const term = contrastTerms.get(facts.acquisitionContrast ?? '');
  if (isWeighting(term))
    return { kind: term, reason: `its AcquisitionContrast is ${facts.acquisitionContrast}` };
  const rule = weightingWords.find(({ words }) => words.test(text));
  if (rule) return { kind: rule.kind, reason: `its description says “${rule.words.exec(text)![0]}”` };
  const protocol = plainWords(facts.protocolName ?? '');
  const named = weightingWords.find(({ words }) => words.test(protocol));
  return named && { kind: named.kind, reason: `its protocol says “${named.words.exec(protocol)![0]}”` };
}

interface Window {
  readonly low: number;
  readonly high: number;
}

interface ParameterRule {
  readonly kind: Weighting | OtherSequence;
  readonly scanning: 'SE' | 'GR';
  readonly repetitionTime?: Window;
  readonly echoTime: Window;
  /** Absent: no inversion asked for or forbidden; null: there must be none. */
  readonly inversionTime?: Window | null;
}

const from = (low: number, high = Number.POSITIVE_INFINITY): Window => ({ low, high });

/** Milliseconds of usual head protocols at 1.5 and 3 T; the first that fits counts. */
const parameterRules: readonly ParameterRule[] = [
  {
    kind: 'flair',
    scanning: 'SE',
    repetitionTime: from(4000),
    echoTime: from(60),
    inversionTime: from(1400, 3200),
  },
  {
    kind: 't1',
    scanning: 'SE',
    repetitionTime: from(1400, 4000),
    echoTime: from(0, 40),
    inversionTime: from(500, 1300),
  },
  {
    kind: 'STIR or double inversion',
    scanning: 'SE',
    repetitionTime: from(1500),
    echoTime: from(0),
    inversionTime: from(80, 350),
  },
  { kind: 't1', scanning: 'GR', echoTime: from(0, 8), inversionTime: from(300, 1400) },
  { kind: 't1', scanning: 'GR', repetitionTime: from(3, 600), echoTime: from(0, 10), inversionTime: null },
  {
    kind: 'susceptibility or T2*',
    scanning: 'GR',
    repetitionTime: from(15),
    echoTime: from(14),
    inversionTime: null,
  },
  { kind: 't1', scanning: 'SE', repetitionTime: from(200, 1100), echoTime: from(0, 35), inversionTime: null },
  { kind: 't2', scanning: 'SE', repetitionTime: from(1800), echoTime: from(60), inversionTime: null },
  {
    kind: 'proton density',
    scanning: 'SE',
    repetitionTime: from(1500),
    echoTime: from(0, 45),
    inversionTime: null,
  },
];

function weightingOfParameters(
  facts: SequenceFacts,
): Evidence<Weighting> | { readonly other: OtherSequence; readonly reason: string } | undefined {
  const { repetitionTime, echoTime, inversionTime, scanningSequence } = facts;
  if (echoTime === undefined || repetitionTime === undefined) return undefined;
  const inverted = inversionTime !== undefined && inversionTime > 0;
  // Philips calls its spin echoes after an inversion IR and no more.
  const echoes = scanningSequence.join() === 'IR' ? ['SE'] : scanningSequence;
  const inside = (value: number, window: Window | undefined): boolean =>
    window === undefined || (value >= window.low && value <= window.high);
  const rule = parameterRules.find(
    (candidate) =>
      echoes.includes(candidate.scanning) &&
      inside(repetitionTime, candidate.repetitionTime) &&
      inside(echoTime, candidate.echoTime) &&
      (candidate.inversionTime === undefined ||
        (candidate.inversionTime === null
          ? !inverted
          : inverted && inside(inversionTime, candidate.inversionTime))),
  );
  if (!rule) return undefined;
  const times = [`TR ${repetitionTime}`, `TE ${echoTime}`, ...(inverted ? [`TI ${inversionTime}`] : [])].join(
    ', ',
  );
  const reason = `${times} ms of a ${rule.scanning === 'SE' ? 'spin' : 'gradient'} echo`;
  return isWeighting(rule.kind) ? { kind: rule.kind, reason } : { other: rule.kind, reason };
}

interface Weighed extends Evidence<Weighting> {
  readonly confidence: GuessConfidence;
  readonly reasons: readonly string[];
}

function combine(
  said: Evidence<Weighting> | undefined,
  measured: ReturnType<typeof weightingOfParameters>,
): Weighed | undefined {
  if (!said) {
    if (!measured || 'other' in measured) return undefined;
    const reasons = [measured.reason, 'its description names no contrast'];
    return { ...measured, confidence: measured.kind === 'flair' ? 'medium' : 'low', reasons };
  }
  if (!measured) return { ...said, confidence: 'medium', reasons: [said.reason] };
  const agree = 'kind' in measured && measured.kind === said.kind;
  if (agree) return { ...said, confidence: 'high', reasons: [said.reason, measured.reason] };
  const what = 'kind' in measured ? measured.kind : measured.other;
  return { ...said, confidence: 'low', reasons: [said.reason, `but ${measured.reason} look like ${what}`] };
}

function asGuess({ kind, confidence, reasons }: Weighed): SequenceGuess {
  return { contrast: kind, confidence, reasons };
}

const noAgent = /^(?:no(?:ne|t given)?|n\/?a|nil|nein|without|0|false)?$/i;

/** Splits T1 into before and after contrast; how sure is never more than the weighting itself. */
function withContrast(weighting: Weighed, facts: SequenceFacts, text: string): SequenceGuess {
  const agent = facts.contrastAgent !== undefined && !noAgent.test(facts.contrastAgent.trim());
  const both = bothContrastWords.exec(text)?.[0];
  const without = noContrastWords.exec(text)?.[0];
  const withWord = contrastWords.exec(text.replace(new RegExp(noContrastWords, 'gu'), ' '))?.[0];
  const because = (reason: string): readonly string[] => [...weighting.reasons, reason];
  const least = (confidence: GuessConfidence): GuessConfidence => lowest(confidence, weighting.confidence);
  const agentSaid = `ContrastBolusAgent is “${facts.contrastAgent}”`;
  if (both !== undefined) {
    return { contrast: agent ? 't1ce' : 't1', confidence: 'low', reasons: because(`it says “${both}”`) };
  }
  if (without !== undefined && withWord !== undefined) {
    const contrast = agent ? 't1ce' : 't1';
    return { contrast, confidence: 'low', reasons: because(`it says both “${withWord}” and “${without}”`) };
  }
  if (without !== undefined) {
    const reasons = because(`it says “${without}”`);
    return agent
      ? { contrast: 't1', confidence: 'low', reasons: [...reasons, `but ${agentSaid}`] }
      : { contrast: 't1', confidence: least('high'), reasons };
  }
  if (withWord !== undefined) {
    const reasons = [...because(`it says “${withWord}”`), ...(agent ? [agentSaid] : [])];
    const unclear = unclearBesideAgent(text);
    if (unclear === undefined) return { contrast: 't1ce', confidence: least('high'), reasons };
    return {
      contrast: 't1ce',
      confidence: least(agent ? 'medium' : 'low'),
      reasons: [...reasons, `but “${unclear}” beside it may mean that none was given`],
    };
  }
  if (agent) return { contrast: 't1ce', confidence: least('medium'), reasons: because(agentSaid) };
  return {
    contrast: 't1',
    confidence: 'low',
    reasons: because('nothing says whether contrast agent was given'),
  };
}

function isReformatted({ imageType }: SequenceFacts): boolean {
  const upper = imageType.map((value) => value.toUpperCase());
  return (
    upper[0] === 'DERIVED' &&
    upper.some((value) => ['MPR', 'REFORMATTED', 'CPR', 'CSAPARALLEL', 'RESAMPLED'].includes(value))
  );
}

const order: readonly GuessConfidence[] = ['low', 'medium', 'high'];

function lowest(a: GuessConfidence, b: GuessConfidence): GuessConfidence {
  return order[Math.min(order.indexOf(a), order.indexOf(b))]!;
}

function lower(confidence: GuessConfidence): GuessConfidence {
  return order[Math.max(0, order.indexOf(confidence) - 1)]!;
}
