import { dirname } from 'node:path';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { sha256Of } from '../../../src/base/checksum.node.js';
import { fail } from '../../../src/base/errors.js';
import { readJobList } from '../../../src/jobs/job-list.js';
import { readOutcome } from '../../../src/jobs/outcome-file.js';
import { fuseTranslations, fusionBins, readFusion } from '../../../src/translate/fusion.js';
import { editedFiles } from '../byte-edits.js';
import { editedJson } from '../json-edits.js';
import { scratchFolder } from '../scratch-file.js';
import { type FuzzTarget, require } from '../target.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const modelSha256 = sha256Of('a model');
const fusion = {
  format: 1,
  modelSha256,
  modalities: ['t1', 't2', 'flair'],
  patients: ['a', 'b'],
  tables: [
    {
      target: 'flair',
      sources: ['t1', 't2'],
      patients: 2,
      weights: Array.from({ length: fusionBins }, () => [0.25, 0.75]),
    },
  ],
  codeVersion: '0.1.0',
};

/** Learnt weights, and what is fused by them. */
export const fusionTarget: FuzzTarget = {
  name: 'fusion',
  inputs: fc
    .oneof(
      { weight: 3, arbitrary: editedJson(fusion).map(bytesOf) },
      { weight: 1, arbitrary: editedFiles([{ bytes: bytesOf(JSON.stringify(fusion)) }]) },
    )
    .map((bytes) => [bytes]),
  parse: ([bytes]) => {
    const { tables } = readFusion(new TextDecoder().decode(bytes), 'fusion.json', modelSha256);
    for (const { sources, weights } of tables) {
      const translations = sources.map((_, i) => Float32Array.of(0.1, 0.5, i / sources.length));
      const { fused } = fuseTranslations(
        translations,
        sources.map(() => Uint8Array.of(1, 1, 1)),
        weights,
      );
      require([...fused].every((value) => value >= 0 && value <= 1), `values on [0, 1], ${fused}`);
    }
  },
};

const payload = serialize({ files: ['a.nii.gz'], values: Float32Array.of(1, Number.NaN) });
const head = {
  format: 1,
  id: 'p1',
  status: 'done',
  seconds: 1.5,
  outputs: [{ path: '/out/p1.nii.gz', bytes: 12, fingerprint: 'sha256:00' }],
  round: 1,
  machine: 'node1',
  ended: '2026-01-02T03:04:05.000Z',
  result: { bytes: payload.length, sha256: sha256Of(payload) },
};
const outcomeOf = (text: string): Uint8Array => Buffer.concat([bytesOf(`${text}\n`), payload]);
const outcomeScratch = scratchFolder();

/** How a job ended, as its file says it: what is not whole counts as not there. */
export const outcomeTarget: FuzzTarget = {
  name: 'outcome',
  inputs: fc
    .oneof(
      { weight: 3, arbitrary: editedJson(head).map(outcomeOf) },
      { weight: 1, arbitrary: editedFiles([{ bytes: outcomeOf(JSON.stringify(head)) }]) },
    )
    .map((bytes) => [bytes]),
  parse: async ([bytes]) => {
    const stored = await readOutcome(outcomeScratch.put('000001.outcome', bytes!));
    if (stored === undefined)
      return fail('bad-file', { where: 'outcome', expected: 'a whole one', got: 'none' });
    require(['done', 'failed'].includes(stored.outcome.status), stored.outcome.status);
  },
  close: outcomeScratch.remove,
};

const list = {
  format: 1,
  name: 'translating',
  command: { arguments: ['translate', 'data'], folder: '/work' },
  sha256: sha256Of('jobs'),
  count: 3,
  codeVersion: '0.1.0',
  created: '2026-01-02T03:04:05.000Z',
};
const listScratch = scratchFolder();

/** What a list of jobs says of itself. */
export const jobListTarget: FuzzTarget = {
  name: 'job-list',
  inputs: fc
    .oneof(
      { weight: 3, arbitrary: editedJson(list).map(bytesOf) },
      { weight: 1, arbitrary: editedFiles([{ bytes: bytesOf(JSON.stringify(list)) }]) },
    )
    .map((bytes) => [bytes]),
  parse: async ([bytes]) => {
    const found = await readJobList(dirname(listScratch.put('list.json', bytes!)));
    require(found !== undefined && found.count >= 0 && found.count <= 1e7, `${found?.count} jobs`);
  },
  close: listScratch.remove,
};
