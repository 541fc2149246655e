import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/datasets/fingerprint.node.js';
import { writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';
import { hostileIds, writeHostileDataSet } from './fixtures/hostile-patients.js';
import { tinyModelFile } from './fixtures/tiny-model.js';
import { smoothHead } from './fixtures/volumes.js';

let utad: BuiltUtad;
let model: string;
beforeAll(async () => {
  utad = await buildUtad();
  model = await tinyModelFile(utad.folder);
});
afterAll(() => utad.remove());

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).sort();

/** Volumes whose sidecar does not name their hash. */
async function mismatches(out: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const name of (await namesIn(out)).filter((one) => one.endsWith('.nii.gz'))) {
    const sidecar = JSON.parse(await readFile(join(out, name.replace(/\.nii\.gz$/, '.json')), 'utf8'));
    if (sidecar.utad.output.fingerprint !== (await fingerprintOf(join(out, name)))) wrong.push(name);
  }
  return wrong;
}

describe('two runs of utad translate', () => {
  it('on one output folder do not harm each other, also where one of them is killed', async () => {
    const data = join(utad.folder, 'data');
    for (const id of ['p1', 'p2', 'p3']) {
      await mkdir(join(data, id), { recursive: true });
      await writeVolumeFile(join(data, id, `${id}_t1.nii.gz`), smoothHead([48, 48, 30], [4, 4, 5]));
    }
    const options = ['translate', data, '--to', 'missing', '--model', model, '--jobs', '1', '--threads', '1'];
    const [alone, shared] = [join(utad.folder, 'alone'), join(utad.folder, 'shared')];
    expect((await utad.call(...options, '--out', alone)).status).toBe(0);
    const victim = utad.start(...options, '--out', shared);
    const ended = once(victim, 'exit');
    const others = [utad.call(...options, '--out', shared), utad.call(...options, '--out', shared)];
    while ((await readdir(shared).catch(() => [])).length === 0) await wait(5);
    await wait(300);
    victim.kill('SIGKILL');
    await ended;
    for (const { status, stderr } of await Promise.all(others)) expect(status, stderr).toBe(0);
    expect(await mismatches(shared)).toEqual([]);
    const volumes = (await namesIn(alone)).filter((name) => name.endsWith('.nii.gz'));
    expect(volumes).toHaveLength(9);
    for (const name of volumes)
      expect(await fingerprintOf(join(shared, name)), name).toBe(await fingerprintOf(join(alone, name)));
  });
});

describe('two runs of utad train', () => {
  it('on one folder: the second is refused and harms nothing', async () => {
    await utad.call('phantom', '--out', 'phantoms', '--patients', '5', '--spacing', '4');
    const small = [
      ...[
        '--preset=tiny',
        '--set=model.sliceSide=32',
        '--set=model.baseChannels=2',
        '--set=model.levels=2',
        '--set=model.criticBaseChannels=2',
      ],
      ...[
        '--set=validation.slices=4',
        '--set=validation.every=1000',
        '--set=schedule.checkpointEvery=1000',
        '--threads=1',
      ],
    ];
    const journal = join(utad.folder, 'run/teacher/journal.jsonl');
    const first = utad.start('train', 'phantoms', '--out', 'run', ...small, '--iterations=100000');
    const ended = once(first, 'exit');
    while (!(await readFile(journal, 'utf8').catch(() => '')).includes('\n')) await wait(20);
    const second = await utad.call('train', '--out', 'run', '--resume', '--threads=1');
    expect(second.stderr).toMatch(
      /run: expected a run that nobody else trains, got process \d+ on .*, which does/,
    );
    expect(second.status).toBe(1);
    first.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    const iterations = (await readFile(journal, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).iteration);
    expect(iterations).toEqual(iterations.map((_, i) => i + 1));
    expect(await readdir(join(utad.folder, 'run'))).not.toContain('owner.json');
  });
});

describe('utad translate on a data set with hostile files', () => {
  it('loses their patients alone, and little memory', async () => {
    const data = join(utad.folder, 'hostile');
    const out = join(utad.folder, 'kept');
    await writeHostileDataSet(data, ['good', 'well']);
    const options = ['translate', data, '--to', 't2', '--model', model, '--out', out, '--jobs', '2'];
    const { status, stdout } = await utad.call(...options);
    expect(status).toBe(1);
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as {
      patients: { id: string; status: string; messages: string[] }[];
    };
    expect(summary.patients.map(({ id, status: how }) => `${id} ${how}`)).toEqual([
      ...hostileIds.map((id) => `${id} failed`),
      'good translated',
      'well translated',
    ]);
    // Each says what is wrong with it: no process was ended by what it read.
    expect(summary.patients.map(({ messages }) => messages.join())).toEqual([
      expect.stringMatching(/bomb_t1\.nii\.gz.* more than the \d+ bytes that the header promises/),
      expect.stringMatching(/cut_t1\.nii\.gz/),
      expect.stringMatching(/giant_t1\.nii\.gz: expected .*268435456.*4492125000/),
      '',
      '',
    ]);
    expect(stdout).toContain('2 translated, 3 failed.');
    expect((await namesIn(out)).filter((name) => name.endsWith('.nii.gz'))).toHaveLength(2);
  });
});
