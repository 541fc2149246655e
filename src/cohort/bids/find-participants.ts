import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { fail } from '../../base/errors.js';
import { readJson } from '../../base/json.node.js';
import { bidsLabels } from '../../datasets/bids-name.js';
import type { CaseFiles } from '../../datasets/case.js';
import type { DataSet } from '../../datasets/data-set.js';
import { findCases } from '../../datasets/find-cases.node.js';
import { listFolder } from '../../datasets/list-folder.node.js';

/** Which examinations of a data set are meant; all where nothing is said. */
export interface ParticipantChoice {
  /** Labels of participants, with or without `sub-`. */
  readonly participants?: readonly string[];
  /** Labels of sessions, with or without `ses-`. */
  readonly sessions?: readonly string[];
}

/**
 * Reads a BIDS data set. Participants without an image that could be used are in it too, without modalities.
 *
 * @param isBids refuses what is none: without `dataset_description.json`, or of another layout
 * @throws UtadError as {@link findCases}; bad-file when it is no BIDS data set.
 */
export async function findParticipants(folder: string, isBids: boolean): Promise<DataSet> {
  if (isBids) await requireDescription(folder);
  const dataSet = await findCases(folder);
  if (isBids && dataSet.layout !== 'bids') refuse(folder, `the layout ${dataSet.layout}`);
  if (dataSet.layout !== 'bids') return dataSet;
  const known = new Set(dataSet.cases.map(({ id }) => bidsLabels(id).subject));
  const others = (await listFolder(folder)).folders.filter(
    (name) => /^sub-[a-zA-Z0-9+]+$/.test(name) && !known.has(bidsLabels(name).subject),
  );
  const empty = others.map((id): CaseFiles => ({ id, modalities: {} }));
  return { ...dataSet, cases: [...dataSet.cases, ...empty].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

const descriptionSchema = z.object({ Name: z.string(), BIDSVersion: z.string() });

/** @source BIDS 1.10, dataset_description.json: required, with these fields. */
async function requireDescription(folder: string): Promise<void> {
  await listFolder(folder);
  const file = join(folder, 'dataset_description.json');
  if (!existsSync(file)) refuse(folder, 'no dataset_description.json');
  if (!descriptionSchema.safeParse(await readJson(file)).success)
    refuse(file, 'one without Name or BIDSVersion');
}

function refuse(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a BIDS data set, with a dataset_description.json and sub-… folders',
    got,
    todo: 'Check the path, or take it as it is with --skip-bids-validation.',
  });
}

/**
 * The examinations that are meant.
 *
 * @throws UtadError not-found for a participant or session that is not there.
 */
export function chooseParticipants(
  { cases, folder }: Pick<DataSet, 'cases' | 'folder'>,
  { participants, sessions }: ParticipantChoice,
): readonly CaseFiles[] {
  const known = cases.map((one) => ({ one, ...bidsLabels(one.id) }));
  const subjects = wantedOf('--participant-label', participants, (text) => bidsLabels(text).subject);
  const chosen = known.filter(({ subject }) => subjects?.has(subject) ?? true);
  requireThere('--participant-label', 'sub-', folder, subjects, new Set(known.map(({ subject }) => subject)));
  const wanted = wantedOf('--session-label', sessions, (text) => text.replace(/^ses-/, ''));
  if (wanted === undefined) return chosen.map(({ one }) => one);
  const there = new Set(chosen.flatMap(({ session }) => session ?? []));
  requireThere('--session-label', 'ses-', folder, wanted, there);
  return chosen.filter(({ session }) => session !== undefined && wanted.has(session)).map(({ one }) => one);
}

function wantedOf(
  where: string,
  texts: readonly string[] | undefined,
  labelOf: (text: string) => string,
): ReadonlySet<string> | undefined {
  if (texts === undefined) return undefined;
  const empty = texts.find((text) => text.trim() === '');
  if (empty !== undefined) fail('bad-argument', { where, expected: 'labels', got: 'an empty one' });
  return new Set(texts.map(labelOf));
}

/** How many names a message lists. */
const mostNames = 12;

function requireThere(
  where: string,
  prefix: string,
  folder: string,
  wanted: ReadonlySet<string> | undefined,
  there: ReadonlySet<string>,
): void {
  const missing = [...(wanted ?? [])].filter((label) => !there.has(label));
  if (missing.length === 0) return;
  const names = [...there].sort();
  const more = names.length > mostNames ? `, … (${names.length})` : '';
  fail('not-found', {
    where,
    expected: `of ${names.slice(0, mostNames).join(', ') || 'none'}${more} in ${resolve(folder)}`,
    got: missing.map((label) => `${prefix}${label}`).join(', '),
    todo: 'Check the labels.',
  });
}
