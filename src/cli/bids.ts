import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { isSameFile } from '../base/protected-inputs.node.js';
import {
  chooseParticipants,
  findParticipants,
  type ParticipantChoice,
} from '../cohort/bids/find-participants.js';
import { type GroupParticipant, gatherParticipant } from '../cohort/bids/gather-participant.js';
import { groupFiles } from '../cohort/bids/group-file-names.js';
import { writeGroupFiles } from '../cohort/bids/group-files.js';
import { recordName, recordNames, writeRecord } from '../cohort/bids/participant-record.js';
import type { PatientSummary } from '../cohort/cohort-summary.js';
import { planTranslation } from '../cohort/plan/plan-translation.js';
import type { CaseFiles } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { defaultFormat } from '../imaging/formats/formats.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { TranslateFlags } from './add-translate-options.js';
import { cohortTable } from './cohort-table.js';
import { sayModel, withModel } from './model-choice.js';
import { printTranslations } from './print-translations.js';
import { stoppable } from './stoppable.js';
import { translateCohort } from './translate-cohort.js';
import { commonRequest, requireTargets } from './translate-options.js';
import { warn } from './warn.js';

interface BidsCommandOptions extends Omit<TranslateFlags, 'model' | 'out'> {
  readonly model?: string;
  readonly participantLabel?: readonly string[];
  readonly sessionLabel?: readonly string[];
  readonly skipBidsValidation?: boolean;
  readonly participant_label?: readonly string[];
  readonly session_label?: readonly string[];
  readonly skip_bids_validator?: boolean;
}

/** Options that mean something for the level group. */
const groupOptions = [
  'participantLabel',
  'participant_label',
  'sessionLabel',
  'session_label',
  'skipBidsValidation',
  'skip_bids_validator',
];

export async function bids(
  folder: string,
  out: string,
  level: 'participant' | 'group',
  options: BidsCommandOptions,
  command: Command,
): Promise<void> {
  if (await isSameFile(folder, out)) {
    refuse('bad-argument', {
      where: 'output_dir',
      problem: 'is the data set itself',
      todo: `Choose another folder, such as ${join(folder, 'derivatives', 'utad')}.`,
    });
  }
  const dataSet = await findParticipants(
    folder,
    !(options.skipBidsValidation || options.skip_bids_validator),
  );
  const chosen = chooseParticipants(dataSet, choiceOf(options));
  if (level === 'participant') return translateParticipants({ ...dataSet, cases: chosen }, out, options);
  refuseTranslateOptions(command);
  await summariseGroup(dataSet.folder, chosen, out, choiceOf(options));
}

function choiceOf(options: BidsCommandOptions): ParticipantChoice {
  const participants = [...(options.participantLabel ?? []), ...(options.participant_label ?? [])];
  const sessions = [...(options.sessionLabel ?? []), ...(options.session_label ?? [])];
  return {
    ...(participants.length > 0 ? { participants } : {}),
    ...(sessions.length > 0 ? { sessions } : {}),
  };
}

async function translateParticipants(
  dataSet: DataSet,
  out: string,
  given: BidsCommandOptions,
): Promise<void> {
  const options = { ...(await withModel(given)), out };
  const metadata = await readModelFileMetadata(options.model);
  const to = requireTargets(options, metadata);
  const common = await commonRequest({ format: defaultFormat.name, ...options }, to);
  const request = { ...common, layout: 'bids' as const };
  const plan = await planTranslation({ kind: 'data-set', dataSet }, metadata, request);
  if (options.dryRun) return printTranslations(plan);
  sayModel(given.model, options.model);
  const keep = async (patients: readonly PatientSummary[]): Promise<void> => {
    // Files beside the derivatives that have no name in BIDS.
    await writeFileAtomic(join(out, '.bidsignore'), 'logs/\ngroup_*\n');
    for (const one of patients) await writeRecord(out, request.settings.model, one);
  };
  const succeeded = await stoppable('stopping', (signal) =>
    translateCohort(dataSet, plan, request, { flags: options, signal, keep }),
  );
  if (!succeeded) process.exitCode = 1;
}

/** Refuses options of translating, which mean nothing for the level group, rather than ignoring them. */
function refuseTranslateOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (groupOptions.includes(name) || command.getOptionValueSource(name) !== 'cli') continue;
    refuse('bad-argument', {
      where: option.long ?? name,
      problem: 'does not apply to the level group, which translates nothing',
      todo: 'Leave it out.',
    });
  }
}

async function summariseGroup(
  folder: string,
  chosen: readonly CaseFiles[],
  out: string,
  choice: ParticipantChoice,
): Promise<void> {
  if (!existsSync(out)) {
    refuse('not-found', {
      where: out,
      problem: 'no output of the level participant',
      todo: 'Run that level first.',
    });
  }
  const names = new Set(chosen.map(({ id }) => recordName(id)));
  const all = choice.participants === undefined && choice.sessions === undefined;
  const gone = all ? (await recordNames(out)).filter((name) => !names.has(name)) : [];
  for (const name of gone) warn(`${name} is no longer in the data set`);
  const participants: GroupParticipant[] = [];
  for (const name of [...names, ...gone].sort()) participants.push(await gatherParticipant(out, name));
  await writeGroupFiles(out, relative(out, folder).replaceAll('\\', '/'), participants);
  console.log(cohortTable(participants));
  console.log(`Written: ${join(out, groupFiles.table)}, ${groupFiles.summary}`);
}
