import { wholeFileEnding } from '../imaging/formats/formats.js';
import { modalityOfName } from '../imaging/words/modality-name.js';
import { plainWords } from '../imaging/words/plain-words.js';
import { contrastWords, noContrastWords } from '../imaging/words/sequence-words.js';
import { type BidsName, maskKindOf } from './bids-name.js';
import { contrastSaid, readImageWords } from './image-words.js';
import { wordsOf } from './name-words.js';
import type { VolumeName } from './volume-name.js';

const imageSuffixes = ['T1w', 'T2w', 'PDw', 'FLAIR', 'T2starw', 'PD', 'T1', 'T2', 'ct'];
/** Descriptions of volumes that this program writes beside scans. */
const notScans = ['synthetic', 'spread', 'predicted'];
/** Entities whose labels people use for what an image shows. */
const speaking = ['acq', 'rec', 'desc', 'label', 'proc'];

/**
 * Reads the name of a volume in BIDS: the suffix, and against it what `acq-`, `rec-`, `desc-`, `ce-` and `part-` say.
 *
 * @returns `unknown` for what is no anatomical image and no mask
 * @source BIDS 1.10, magnetic resonance imaging data.
 */
export function readBidsName(name: BidsName): VolumeName {
  const { entities, suffix, extension } = name;
  if (wholeFileEnding(extension) !== extension) return { kind: 'unknown' };
  const kind = maskKindOf(name);
  if (kind === 'brain') return { kind: 'brain' };
  if (kind !== undefined) return { kind: 'tumour' };
  if (!imageSuffixes.includes(suffix)) return { kind: 'unknown' };
  const made = notScans.find((one) => entities['desc'] === one);
  if (made !== undefined) return { kind: 'other', because: `its name says “desc-${made}”` };
  const part = entities['part'];
  if (part !== undefined && part.toLowerCase() !== 'mag')
    return { kind: 'other', because: `its name says “part-${part}”` };
  const modality = modalityOfName(suffix);
  const contrasted = withAgent(modality, entities['ce']);
  if (contrasted.kind !== 'modality') return contrasted;
  return againstLabels(contrasted.modality, suffix, entities) ?? contrasted;
}

/** A modality with the agent that `ce-` names: T1 is t1ce then, others are a modality of their own. */
function withAgent(modality: string, agent: string | undefined): VolumeName {
  if (agent === undefined) return { kind: 'modality', modality };
  const text = plainWords(agent);
  if (/^(?:none|no|pre|0|off|without|minus|neg\w*)$/.test(text) || isWhole(noContrastWords, text))
    return { kind: 'modality', modality };
  const enhanced = modality === 't1' ? 't1ce' : `${modality}-${agent.toLowerCase()}`;
  if (isWhole(contrastWords, text) || /^gad|^gd/.test(text)) return { kind: 'modality', modality: enhanced };
  const like = [...new Set([modality, enhanced])];
  return { kind: 'unsure', like, because: `its name says “ce-${agent}”, which is no known contrast agent` };
}

function isWhole(rule: RegExp, text: string): boolean {
  return rule.exec(text)?.[0] === text;
}

/** What labels say against the suffix; nothing where they agree. */
function againstLabels(
  modality: string,
  suffix: string,
  entities: BidsName['entities'],
): VolumeName | undefined {
  for (const key of speaking) {
    const label = entities[key];
    if (label === undefined) continue;
    const words = wordsOf(label).flatMap((word) => wordsOfLabel(word));
    const plain = modality.replace(/-.*$/, '');
    // T2-FLAIR is the full name of FLAIR.
    const relevant = words.filter((word) => plain !== 'flair' || !/^t2w?$/.test(word));
    if (plain === 't1ce' && contrastSaid(relevant).notGiven === undefined) {
      const rest = relevant.filter((word) => contrastSaid([word]).given === undefined);
      const found = readImageWords([...rest, 't1ce']);
      if (found.kind !== 'modality' && !onlyT1(found)) return said(found, key, label, suffix);
      continue;
    }
    const found = readImageWords([
      ...relevant,
      ['t1', 't2', 'flair', 't1ce'].includes(plain) ? plain : 't1w',
    ]);
    if (found.kind === 'modality') continue;
    if (!['t1', 't2', 'flair', 't1ce'].includes(plain)) continue;
    return said(found, key, label, suffix);
  }
  return undefined;
}

const onlyT1 = (found: VolumeName): boolean =>
  found.kind === 'unsure' && found.like.every((one) => one === 't1' || one === 't1ce');

/** `FLAIRax` and `axFLAIR` are two words each. */
function wordsOfLabel(word: string): readonly string[] {
  const parts = /^(ax|sag|cor|tra|3d|2d)?(t1w?|t2w?|flair|mprage|space|tse|fse)(ax|sag|cor|tra|3d|2d)?$/.exec(
    word,
  );
  return parts === null ? [word] : parts.slice(1).filter((part) => part !== undefined && part !== '');
}

function said(found: VolumeName, key: string, label: string, suffix: string): VolumeName {
  const because = `its name says “${key}-${label}” and “${suffix}”`;
  if (found.kind === 'unsure') return { ...found, because };
  return { kind: 'other', because };
}
