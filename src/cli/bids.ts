import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { fail } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import {
  chooseParticipants,
  findParticipants,
  type ParticipantChoice,
} from '../cohort/bids/find-participants.js';
import { type GroupParticipant, gatherParticipant } from '../cohort/bids/gather-participant.js';
import { groupFiles } from '../cohort/bids/group-file-names.js';
import { writeGroupFiles } from '../cohort/bids/group-files.js';
import { recordName, recordNames, writeRecord } from '../cohort/bids/participant-record.js';
import { type PatientSummary, summaryTable } from '../cohort/cohort-summary.js';
import { readFusionChoice, requireFusibleOptions } from '../cohort/plan/fusion-choice.js';
import { type CohortRequest, readTargets } from '../cohort/plan/plan-cohort.js';
import type { CaseFiles } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { outputLayout } from '../datasets/output-layout.js';
import { noticeColours } from '../terminal/colours.js';
import { modalityIndex } from '../translate/translate-volume.js';
import type { MakingFlags } from './add-making-options.js';
import { modelFile } from './model-choice.js';
import { stoppable } from './stoppable.js';
import { metadataOfModelFile, requireDatatype, translateCohort } from './translate-cohort.js';
import { settingsOf } from './translate-options.js';

interface BidsCommandOptions extends Omit<MakingFlags, 'model'> {
  readonly model?: string;
  readonly to: string;
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
  if (resolve(folder) === resolve(out)) {
    fail('bad-argument', {
      where: 'output_dir',
      expected: 'another folder than the data set itself',
      got: out,
      todo: `Choose ${join(folder, 'derivatives', 'utad')}, say.`,
    });
  }
  const dataSet = await findParticipants(
    folder,
    !(options.skipBidsValidation || options.skip_bids_validator),
  );
  const chosen = chooseParticipants(dataSet, choiceOf(options));
  if (level === 'participant') return makeParticipants({ ...dataSet, cases: chosen }, out, options);
  refuseMakingOptions(command);
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

async function makeParticipants(dataSet: DataSet, out: string, options: BidsCommandOptions): Promise<void> {
  const { from, fuse, spread, maskBrain } = options;
  const model = await modelFile(options.model);
  const metadata = await metadataOfModelFile(model);
  const { modalities } = metadata.model;
  const to = readTargets(options.to, modalities);
  requireDatatype(options.datatype, metadata, typeof to === 'string' ? modalities : to);
  requireFusibleOptions(options);
  if (from !== undefined) modalityIndex(modalities, from, '--from');
  const settings = await settingsOf({ ...options, model }, 'nifti');
  const request: CohortRequest = {
    to,
    out,
    layout: outputLayout('bids', false),
    settings,
    ...(from === undefined ? {} : { from }),
    ...(fuse === undefined ? {} : { fuse: await readFusionChoice(fuse, settings.model) }),
    ...(spread ? { spread } : {}),
    ...(maskBrain === undefined ? {} : { maskBrain }),
  };
  const keep = async (patients: readonly PatientSummary[]): Promise<void> => {
    // What lies beside the derivatives and has no name in BIDS.
    await writeFileAtomic(join(out, '.bidsignore'), 'logs/\ngroup_*\n');
    for (const one of patients) await writeRecord(out, settings.model, one);
  };
  const well = await stoppable('stopping', (signal) =>
    translateCohort(dataSet, metadata, request, { flags: options, signal, keep }),
  );
  if (!well) process.exitCode = 1;
}

/** Options of making volumes mean nothing for the sum: they are refused rather than ignored. */
function refuseMakingOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (groupOptions.includes(name) || command.getOptionValueSource(name) !== 'cli') continue;
    fail('bad-argument', {
      where: option.long ?? name,
      expected: 'the level participant',
      got: 'group',
      todo: 'Leave it out: nothing is made when summing up.',
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
    fail('not-found', {
      where: out,
      expected: 'the output folder of utad bids … participant',
      got: 'nothing there',
      todo: 'Call the level participant first.',
    });
  }
  const names = new Set(chosen.map(({ id }) => recordName(id)));
  const all = choice.participants === undefined && choice.sessions === undefined;
  const gone = all ? (await recordNames(out)).filter((name) => !names.has(name)) : [];
  for (const name of gone)
    console.error(`${noticeColours.yellow('warning')}: ${name} is not in the data set any more`);
  const participants: GroupParticipant[] = [];
  for (const name of [...names, ...gone].sort()) participants.push(await gatherParticipant(out, name));
  await writeGroupFiles(out, relative(out, folder).replaceAll('\\', '/'), participants);
  console.log(summaryTable(participants));
  console.log(`Written: ${join(out, groupFiles.table)}, ${groupFiles.summary}`);
}
