import type { CaseDoubt } from '../../datasets/data-set.js';
import { chooseSource } from '../../translate/choose-source.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';

/** What is doubtful of one patient's volumes. */
export type Doubts = readonly Omit<CaseDoubt, 'caseId'>[];

/** The volumes that may be of a modality, each with its name first. */
export function candidatesFor(doubts: Doubts, target: string): readonly string[] {
  return doubts
    .filter(({ modality }) => modality === undefined || modality === target)
    .map(({ text }) => text);
}

/** Why a modality that may be there is not translated into unless it is asked for by its name. */
export function whyWithheld(where: string, target: string, doubts: Doubts): string {
  return `${where}: ${target} may be there already: ${list(candidatesFor(doubts, target))}. Say which volume shows what, or ask for a synthetic one by name (--to ${target}).`;
}

/** What a sidecar says of a modality that was translated into although it may be there. */
export function mayBeThere(target: string, doubts: Doubts): readonly string[] {
  const candidates = candidatesFor(doubts, target);
  return candidates.length === 0 ? [] : [`${target} may be there already: ${list(candidates)}`];
}

/** What is said of each modality that may be there and was not taken. */
export function sourcesLeftOut(doubts: Doubts, modalities: readonly string[]): readonly string[] {
  return modalities.flatMap((name) => {
    const candidates = doubts.filter(({ modality }) => modality === name).map(({ text }) => text);
    return candidates.length === 0 ? [] : [`${name} was not taken as a source: ${list(candidates)}`];
  });
}

/**
 * What is said of the source that would have been chosen, had it been sure.
 *
 * @param present modalities that are surely there
 */
export function betterSource(
  target: string,
  chosen: string | undefined,
  present: readonly string[],
  doubts: Doubts,
  metadata: ModelMetadata,
): readonly string[] {
  const unsure = doubts.flatMap(({ modality }) => modality ?? []).filter((name) => !present.includes(name));
  const better = chooseSource(target, [...present, ...unsure], metadata)?.source;
  return better === undefined || better === chosen || present.includes(better)
    ? []
    : sourcesLeftOut(doubts, [better]);
}

/** Volumes that a message names. */
const mostNamed = 4;

function list(candidates: readonly string[]): string {
  const more = candidates.length > mostNamed ? `; and ${candidates.length - mostNamed} more` : '';
  return `${candidates.slice(0, mostNamed).join('; ')}${more}`;
}
