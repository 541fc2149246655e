import { z } from 'zod';
import { guessSequence } from '../imaging/formats/dicom/sequence-guess.js';
import { contrastSaid } from './image-words.js';
import { wordsOf } from './name-words.js';

const text = z.union([z.string(), z.array(z.string()).transform((all) => all.join(' '))]).optional();

/** What a JSON file beside a volume may say of its sequence, as dcm2niix and BIDS write it; other fields are let be. */
const schema = z.object({
  SeriesDescription: text.catch(undefined),
  ProtocolName: text.catch(undefined),
  ContrastBolusAgent: text.catch(undefined),
  ContrastBolusIngredient: text.catch(undefined),
  ImageType: z.array(z.string()).optional().catch(undefined),
  Modality: z.string().optional().catch(undefined),
});

/** Doubt about a modality: which ones it may be, and why. */
export interface ModalityDoubt {
  readonly like: readonly string[];
  readonly because: string;
}

const noAgent = /^\s*(?:no(?:ne|t given)?|n\/?a|nil|nein|without|0|false|unknown|-+)?\s*$/i;

/**
 * What a sidecar says against a modality that a name gives.
 *
 * @param json the sidecar's content
 * @returns nothing where it agrees or says nothing
 */
export function doubtOfSidecar(json: unknown, modality: string): ModalityDoubt | undefined {
  const facts = schema.safeParse(json);
  if (!facts.success) return undefined;
  const { SeriesDescription, ProtocolName, ImageType = [], Modality } = facts.data;
  const agent = [facts.data.ContrastBolusAgent, facts.data.ContrastBolusIngredient].find(
    (one) => one !== undefined && !noAgent.test(one),
  );
  if (modality === 't1' && agent !== undefined)
    return { like: ['t1ce'], because: `its .json says ContrastBolusAgent “${agent}”` };
  const field = SeriesDescription === undefined ? 'ProtocolName' : 'SeriesDescription';
  const description = SeriesDescription ?? ProtocolName;
  const guess = guessSequence({
    ...{ imageType: ImageType, scanningSequence: [], sequenceVariant: [] },
    ...(description === undefined ? {} : { seriesDescription: description }),
    ...(Modality === undefined || Modality === 'MR' ? {} : { modality: Modality }),
  });
  const said = `its .json says ${field} “${description}”`;
  if (guess.contrast === 'other')
    return isFour(modality)
      ? { like: [], because: `its .json says otherwise: ${guess.reasons[0]}` }
      : undefined;
  if (description === undefined || guess.contrast === 'unknown' || !isFour(modality)) return undefined;
  const [named, weighting] = [weightingOf(modality), weightingOf(guess.contrast)];
  if (named !== weighting) return { like: [modality, guess.contrast], because: said };
  if (named !== 't1') return undefined;
  const { given, notGiven, unclear } = contrastSaid(wordsOf(description));
  const isExamination = field === 'ProtocolName' && unclear !== undefined;
  if (modality === 't1' && (given ?? unclear) !== undefined && !isExamination)
    return { like: unclear === undefined ? ['t1ce'] : ['t1', 't1ce'], because: said };
  if (modality === 't1ce' && notGiven !== undefined && given === undefined)
    return { like: ['t1', 't1ce'], because: said };
  return undefined;
}

const isFour = (modality: string): boolean => ['t1', 't1ce', 't2', 'flair'].includes(modality);
const weightingOf = (modality: string): string => (modality === 't1ce' ? 't1' : modality);
