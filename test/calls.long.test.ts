import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';
import { tinyModelFile } from './fixtures/tiny-model.js';

let utad: BuiltUtad;
let model: string;
beforeAll(async () => {
  utad = await buildUtad();
  model = await tinyModelFile(utad.folder);
  expect((await utad.call('phantom', '--out', 'data', '--patients', '2', '--spacing', '4')).status).toBe(0);
});
afterAll(() => utad.remove());

const scan = join('data', 'Phantom_001', 'Phantom_001_t1.nii.gz');

describe('the exit status', () => {
  it.each([
    [['trian'], "unknown command 'trian'", 'Did you mean train?'],
    [['train', 'data', '--too', '--out', 'x'], "unknown option '--too'", 'utad train --help'],
    [['translate', scan, '--too', 'flair', '--out', 'x'], "unknown option '--too'", 'Did you mean --to?'],
    [['train', 'data', '--out', 'x', '--preset', 'tny'], 'expected paper, small', 'Did you mean tiny?'],
    [['train', 'data', '--out', 'x', '--iterations', '0'], '--iterations', 'got 0'],
    [['train', 'data', '--out', 'x', '--iterations', '1.5'], '--iterations', 'got 1.5'],
    [['train', 'data', '--out', 'x', '--stage', 'techer'], 'techer', 'teacher, student, both'],
    [['train', 'data', '--out', 'x', '--device', 'gpu'], 'gpu', '--device'],
    [['train', 'data', '--out', 'x', '--threads', '0'], '--threads', 'got 0'],
    [['graph', '--set', 'scedule.iterations=3'], 'there is no such field', 'Did you mean schedule?'],
    [['graph', '--set', 'optimiser.learningRate=abc'], 'expected a number', 'got "abc"'],
    [['graph', '--preset', 'nonsense'], 'got nonsense.', 'preset'],
    [['phantom', '--patients', '0', '--out', 'x'], '--patients', 'got 0'],
    [['sweep', 'data', '--out', 'x', '--vary', 'foo'], '--vary', 'got foo'],
  ])('is 2 for a wrong call: %j', async (args, ...said) => {
    const { status, stderr } = await utad.call(...args);
    for (const text of said) expect(stderr).toContain(text);
    expect(status).toBe(2);
  });

  it('is 2 for options of a translation that fit nothing', async () => {
    for (const more of [
      ['--to', 'flare'],
      ['--to', 't2', '--fuse', 'mean'],
      ['--to', 't2', '--threads', '0'],
    ]) {
      const { status, stderr } = await utad.call(
        'translate',
        scan,
        ...more,
        '--model',
        model,
        '--out',
        'x.nii',
      );
      expect([more, status, stderr]).toEqual([more, 2, expect.stringMatching(/^utad: --/m)]);
    }
  });

  it('is 1 for what is refused, and 0 for help', async () => {
    await writeFile(join(utad.folder, 'there.nii'), 'mine');
    await mkdir(join(utad.folder, 'empty'));
    for (const args of [
      ['translate', 'nowhere.nii', '--to', 't2', '--model', model, '--out', 'y.nii'],
      ['translate', scan, '--to', 't2', '--model', model, '--out', 'there.nii'],
      ['train', 'empty', '--out', 'x'],
      ['phantom', '--out', 'data', '--patients', '2'],
    ])
      expect([args, (await utad.call(...args)).status]).toEqual([args, 1]);
    for (const args of [['--help'], ['help', 'train'], ['jobs', 'show', '--help'], ['--version']])
      expect([args, (await utad.call(...args)).status]).toEqual([args, 0]);
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('after %s is %i, with a line, however early it comes', async (signal, status) => {
    const args = ['phantom', '--out', `stopped-${signal}`, '--patients', '999', '--spacing', '4'];
    const child = spawn(process.execPath, [utad.main, ...args], { cwd: utad.folder, stdio: 'pipe' });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => (said += bytes));
    while (!said.includes('phantom') && child.exitCode === null) await once(child.stderr, 'data');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([status, null]);
    expect(said).toContain('utad: stopped.');
  });
});
