import { dirname } from 'node:path';
import fc from 'fast-check';
import { readSplitFile } from '../../../src/datasets/split-file.node.js';
import { encodeCheckedSafetensors } from '../../../src/engine/files/checked-safetensors.node.js';
import { encodeSafetensors } from '../../../src/engine/files/safetensors.js';
import { translationScoreSchema } from '../../../src/methods/translation-score.js';
import { teacherMethod } from '../../../src/methods/utad.js';
import { readRunRecord } from '../../../src/runs/run-folder.js';
import { loadCheckpoint } from '../../../src/training/checkpoint.node.js';
import { readJournal } from '../../../src/training/journal.node.js';
import { resolveConfiguration } from '../../../src/training/presets.js';
import { requireState, startState } from '../../../src/training/state.js';
import { editedFiles } from '../byte-edits.js';
import { editedJson } from '../json-edits.js';
import { scratchFolder } from '../scratch-file.js';
import { type FuzzTarget, require } from '../target.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Texts of a document whose values or bytes were changed. */
function editedDocument(document: unknown): fc.Arbitrary<readonly Uint8Array[]> {
  const seed = { bytes: bytesOf(JSON.stringify(document)) };
  return fc
    .oneof(
      { weight: 3, arbitrary: editedJson(document).map(bytesOf) },
      { weight: 1, arbitrary: editedFiles([seed]) },
    )
    .map((bytes) => [bytes]);
}

const splitScratch = scratchFolder();
/** A split of a data set. */
export const splitFileTarget: FuzzTarget = {
  name: 'split-file',
  inputs: editedDocument({ train: ['a', 'b', 'c'], validation: ['d'] }),
  parse: async ([bytes]) => {
    const { train, validation } = await readSplitFile(splitScratch.put('split.json', bytes!));
    require([...train, ...validation].every((id) => typeof id === 'string'), 'names of cases');
  },
  close: splitScratch.remove,
};

const configuration = resolveConfiguration('tiny', {
  'model.sliceSide': 32,
  'model.baseChannels': 2,
  'model.levels': 2,
  'model.criticBaseChannels': 2,
  'model.modalities': ['t1', 't2'],
});
const runScratch = scratchFolder();
/** What a run folder says of itself. */
export const runRecordTarget: FuzzTarget = {
  name: 'run-record',
  inputs: editedDocument({
    format: 1,
    created: '2026-01-02T03:04:05.000Z',
    codeVersion: '0.1.0',
    dataSet: '/data',
    configuration,
    trainingCases: ['a', 'b'],
    validationCases: ['c'],
    assignment: { a: ['t1'], b: ['t2'] },
    stages: 'both',
    teacherRun: null,
  }),
  parse: async ([bytes]) => {
    const record = await readRunRecord(dirname(runScratch.put('run.json', bytes!)));
    require(Array.isArray(record.trainingCases) && record.configuration.model.sliceSide > 0, 'a record');
  },
  close: runScratch.remove,
};

const journalScratch = scratchFolder();
const journalLines = [
  { kind: 'step', iteration: 1, learningRate: 1e-4, seconds: 0.5, losses: { 'critic.real': 0.1 } },
  { kind: 'validation', iteration: 1, score: { ssim: 0.5, mae: 0.1, directions: [] } },
];
/** A journal, of which a killed process may have left anything; it is read as far as it can be. */
export const journalTarget: FuzzTarget = {
  name: 'journal',
  inputs: fc
    .array(fc.oneof(...journalLines.map((line) => editedJson(line))), { maxLength: 3 })
    .map((lines) => [bytesOf([JSON.stringify(journalLines[0]), ...lines, ''].join('\n'))]),
  parse: async ([bytes]) => {
    const path = journalScratch.put('journal.jsonl', bytes!);
    for (const { kind, iteration } of await readJournal(path, translationScoreSchema))
      require(['step', 'validation'].includes(kind) && Number.isInteger(iteration), `${kind} ${iteration}`);
  },
  refusesNothing: true,
  close: journalScratch.remove,
};

const checkpointScratch = scratchFolder();
const method = teacherMethod(resolveConfiguration('tiny', { ...configuration, 'optimiser.averageDecay': 0 }));
const state = startState(method, await method.start());
const metadata = {
  method: 'teacher',
  iteration: '3',
  best: 'null',
  configuration: JSON.stringify(method.configuration),
};
// Without a checksum, as earlier versions wrote them: with one, hardly any edit gets past it.
const checkpoint = encodeSafetensors(state.tensors, metadata);
const checked = encodeCheckedSafetensors(state.tensors, metadata);
const headerBytes = Number(new DataView(checkpoint.buffer).getBigUint64(0, true));
const header: unknown = JSON.parse(new TextDecoder().decode(checkpoint.subarray(8, 8 + headerBytes)));
/** Checkpoints of a tiny network. */
export const checkpointTarget: FuzzTarget = {
  name: 'checkpoint',
  inputs: fc
    .oneof(
      { weight: 1, arbitrary: editedFiles([{ bytes: checkpoint }, { bytes: checked }]) },
      {
        weight: 3,
        arbitrary: editedJson(header).map((text) => {
          const json = bytesOf(text);
          const file = new Uint8Array(8 + json.length + checkpoint.length - 8 - headerBytes);
          new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
          file.set(json, 8);
          file.set(checkpoint.subarray(8 + headerBytes), 8 + json.length);
          return file;
        }),
      },
    )
    .map((bytes) => [bytes]),
  parse: async ([bytes]) => {
    const read = await loadCheckpoint(checkpointScratch.put('c.safetensors', bytes!), method);
    requireState('again', method, read.tensors);
    require(Number.isInteger(read.iteration) && read.iteration >= 0, `iteration ${read.iteration}`);
  },
  slow: true,
  close: checkpointScratch.remove,
};
