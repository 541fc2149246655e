import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/datasets/fingerprint.node.js';
import { writeBallPatient } from '../fixtures/ball-patients.js';
import { type BuiltUtad, buildUtad } from '../fixtures/built-utad.js';
import { writeHostileDataSet } from '../fixtures/hostile-patients.js';
import { tinyModelFile } from '../fixtures/tiny-model.js';
import { tinySegmenterFile } from '../fixtures/tiny-segmenter.js';
import { whyNoSlurm } from './find-slurm.js';

const run = promisify(execFile);
const why = whyNoSlurm();
if (why !== null)
  process.stderr.write(`Slurm tests are skipped: ${why}. As root, scripts/start-slurm.sh starts one.\n`);

let utad: BuiltUtad;
let data: string;
let translate: readonly string[];
beforeAll(async () => {
  if (why !== null) return;
  utad = await buildUtad();
  data = at('data');
  await writeHostileDataSet(data, ['p1', 'p2', 'p3', 'p4', 'p5']);
  translate = [
    'translate',
    data,
    '--to',
    't2',
    '--model',
    await tinyModelFile(utad.folder),
    '--threads',
    '1',
  ];
});
afterAll(async () => {
  if (why !== null) return;
  // Of a test that failed, jobs may be left.
  for (const name of await readdir(utad.folder, { recursive: true }))
    if (name.endsWith('.submitted.json'))
      await run('scancel', [JSON.parse(await readFile(at(name), 'utf8')).job]).catch(() => undefined);
  await utad.remove();
});

const at = (...parts: string[]): string => join(utad.folder, ...parts);

/** Writes a profile whose tasks wait for nothing. @returns its path */
async function profile(name: string, fields: object): Promise<string> {
  const path = at(`${name}.json`);
  await writeFile(path, JSON.stringify({ jitterSeconds: 0, ...fields }));
  return path;
}

/** The patients of a summary without what differs from run to run. */
async function patientsOf(out: string): Promise<unknown> {
  const { patients } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as {
    patients: { seconds: number | null }[];
  };
  return patients.map((one) => ({ ...one, seconds: one.seconds === null }));
}

async function queue(): Promise<string[]> {
  const { stdout } = await run('squeue', ['-h', '-r', '-o', '%A %K %T %j']);
  return stdout.split('\n').filter((line) => line !== '');
}

async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 180): Promise<void> {
  for (const begun = Date.now(); !(await holds()); await wait(100))
    if (Date.now() - begun > 1000 * seconds) throw new Error(`waited for ${seconds} s: ${what}`);
}

const slurmJob = (list: string, round = 1): string =>
  JSON.parse(readFileSync(join(list, 'rounds', `00${round}.submitted.json`), 'utf8')).job;

describe.skipIf(why !== null)('jobs in a Slurm', () => {
  it('end with the summary of a local run, over a task that fails and three hostile patients', async () => {
    const [local, made] = [at('local'), at('made')];
    expect((await utad.call(...translate, '--out', local, '--jobs', '1')).status).toBe(1);
    // One task of the first round ends before it begins its jobs; another one when it has done one of two.
    const setup = [
      `round=$(basename "$(ls -d ${made}.jobs/translating-1/rounds/*.claim | tail -1)" .claim)`,
      'if [ "$round" = 001 ] && [ "$SLURM_ARRAY_TASK_ID" = 1 ]; then exit 3; fi',
    ];
    const options = [
      ...translate,
      '--slurm',
      await profile('first', { jobsPerTask: 2, setup }),
      '--out',
      made,
    ];
    const { status, stderr, stdout } = await utad.call(...options);
    expect(status, stderr).toBe(1);
    expect(stdout).toContain('5 translated, 3 failed.');
    expect(await patientsOf(made)).toEqual(await patientsOf(local));
    for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) {
      const name = join(id, `${id}_t2-synthetic.nii.gz`);
      expect(await fingerprintOf(join(made, name)), id).toBe(await fingerprintOf(join(local, name)));
    }
    const list = `${made}.jobs/translating-1`;
    const second = JSON.parse(await readFile(join(list, 'rounds/002.json'), 'utf8'));
    // Only what the failed task held is done again; hostile patients are not.
    expect(second.tasks).toEqual([[[2, 2]], [[3, 3]]]);
    expect(await readdir(join(list, 'rounds'))).not.toContain('003.claim');

    const shown = await utad.call('jobs', 'show', made, '--verify');
    expect(shown.stdout).toMatch(
      /finalised[\s\S]*5 done, 3 failed, 0 left of 8[\s\S]*giant_t1[\s\S]*5 outputs are as/,
    );
    await writeFile(join(made, 'p1/p1_t2-synthetic.nii.gz'), 'tampered');
    const tampered = await utad.call('jobs', 'show', made, '--verify');
    expect(tampered.stdout).toContain('not as it was written: ');
    expect(tampered.status).toBe(1);

    // What was given up is tried again once its cause is gone.
    await rm(join(data, 'cut'), { recursive: true });
    await rm(join(data, 'giant'), { recursive: true });
    await rm(join(data, 'bomb'), { recursive: true });
    const again = await utad.call(...options);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stdout).toContain('1 translated, 4 kept.');
    expect((await utad.call('jobs', 'list', utad.folder)).stdout).toMatch(
      /translating-2 +finalised +5 +0 +0/,
    );
  });

  it('evaluate and check as here, down to the last figure', async () => {
    const several = at('several');
    const modalities = ['t1', 't2', 'flair'];
    for (const [i, id] of ['q1', 'q2'].entries())
      await writeBallPatient(several, id, { modalities, centre: [9 + i, 13, 5], radius: 3 });
    const segmenter = await tinySegmenterFile(utad.folder, {});
    const slurm = ['--slurm', await profile('pair', { jobsPerTask: 1 })];
    const model = ['--model', at('tiny.onnx'), '--threads', '1'];
    const evaluate = ['evaluate', several, ...model, '--patients', 'all', '--fuse'];
    const check = ['check', several, ...model, '--patients', 'all', '--segmenter', segmenter];
    for (const command of [evaluate, check]) {
      const name = command[0]!;
      const here = await utad.call(...command, '--out', at(`${name}-here`), '--jobs', '1');
      const there = await utad.call(...command, '--out', at(`${name}-there`), ...slurm);
      expect([here.status, there.status], there.stderr).toEqual([0, 0]);
      expect(there.stdout.replaceAll('-there', '-here')).toBe(here.stdout);
    }
    for (const file of [
      'report.json',
      'report.csv',
      'slices.csv',
      'report.html',
      'fusion.json',
      'sheets/q1-overview.png',
    ])
      expect(
        (await readFile(at('evaluate-there', file))).equals(await readFile(at('evaluate-here', file))),
        file,
      ).toBe(true);
    expect(await readFile(at('check-there/check.json'), 'utf8')).toBe(
      await readFile(at('check-here/check.json'), 'utf8'),
    );
    expect(await readdir(at('evaluate-there.jobs'))).toEqual(['evaluating-1', 'fusing-1']);
  });

  it('go on when the shell is closed, are cancelled, and go on again', async () => {
    const out = at('closed');
    const list = `${out}.jobs/translating-1`;
    // Tasks wait for a file, so that the test and not the machine says when they begin.
    const gate = at('gate');
    const setup = [`while [ ! -e ${gate} ]; do sleep 0.1; done`];
    const options = [
      ...translate,
      '--slurm',
      await profile('gated', { jobsPerTask: 1, atOnce: 2, setup }),
      '--out',
      out,
    ];
    const shell = utad.start(...options);
    const ended = once(shell, 'exit');
    await until('submission', () => existsSync(join(list, 'rounds/001.submitted.json')));
    shell.kill('SIGKILL');
    await ended;
    const job = slurmJob(list);
    const mine = async (): Promise<string[]> =>
      (await run('squeue', ['-h', '-r', '-j', job, '-o', '%T']).catch(() => ({ stdout: '' }))).stdout
        .split('\n')
        .filter((line) => line !== '');
    await until(
      'two tasks',
      async () => (await mine()).filter((line) => line.includes('RUNNING')).length === 2,
    );
    // `%2` of the array holds the others back.
    expect((await mine()).filter((line) => line.includes('PENDING'))).toHaveLength(3);

    const cancelled = await utad.call('jobs', 'cancel', out);
    expect(cancelled.stdout).toContain('cancelled with 0 done and 5 left');
    await until('an empty queue', async () => (await mine()).length === 0);
    expect((await utad.call('jobs', 'list', out)).stdout).toMatch(/translating-1 +cancelled +0 +0 +5/);

    await writeFile(gate, '');
    // Two shells at once, which know nothing of each other: one of them submits what is left.
    const [resumed, called] = await Promise.all([utad.call('jobs', 'resume', out), utad.call(...options)]);
    for (const { status, stdout, stderr } of [resumed, called]) {
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/5 (?:translated|kept)\./);
    }
    expect(
      (await readdir(join(list, 'rounds'))).filter((name) => name.endsWith('.submitted.json')),
    ).toHaveLength(2);
  });

  it('train to the same bits over a preemption, a notice of the time limit, and a kill', async () => {
    await utad.call('phantom', '--out', 'phantoms', '--patients', '5', '--spacing', '4');
    // So many that none of the interruptions below comes too late on a fast machine.
    const updates = 300;
    const options = [
      ...[
        'sweep',
        'phantoms',
        '--vary',
        'seed=1',
        '--preset=tiny',
        '--set=model.sliceSide=32',
        '--set=model.baseChannels=2',
      ],
      ...[
        '--set=model.levels=2',
        '--set=model.criticBaseChannels=2',
        '--set=schedule.batchSize=2',
        '--set=validation.slices=2',
        '--paired',
      ],
      ...[
        '--set=validation.every=100',
        '--set=schedule.checkpointEvery=1000',
        '--stage=teacher',
        '--threads=1',
      ],
      `--iterations=${updates}`,
    ];
    expect((await utad.call(...options, '--out', 'whole')).status).toBe(0);
    const path = await profile('training', { time: '10' });
    const shell = utad.start(...options, '--out', 'preempted', '--slurm', path);
    const ended = once(shell, 'exit');
    const list = at('preempted.jobs/training-1');
    const journal = at('preempted/seed-1/teacher/journal.jsonl');
    const updatesDone = (): number =>
      existsSync(journal)
        ? readFileSync(journal, 'utf8')
            .split('\n')
            .filter((line) => line.includes('"step"')).length
        : 0;
    const begins = (): number => {
      const file = join(list, 'journals/001-0000.jsonl');
      return existsSync(file) ? readFileSync(file, 'utf8').split('"begin"').length - 1 : 0;
    };

    // 1. Somebody with a higher priority takes the whole machine.
    await until('some updates', () => updatesDone() >= 3);
    const job = slurmJob(list);
    await run('sbatch', ['--partition=urgent', '--exclusive', '--output=/dev/null', '--wrap', 'sleep 1']);
    await until('preemption', async () =>
      (await queue()).some((line) => line.startsWith(job) && line.includes('PENDING')),
    );
    const saved = await readdir(at('preempted/seed-1/teacher'));
    expect(saved.filter((name) => name.startsWith('iteration-'))).toHaveLength(1);
    await until('the second start', () => begins() === 2);

    // 2. The notice before the limit, as Slurm sends it: to the batch script alone.
    const before = updatesDone();
    await until('more updates', () => updatesDone() >= before + 3);
    await run('scancel', ['--batch', '--signal=USR1', job]);
    await until('the third start', () => begins() === 3);

    // 3. A node that fails: everything of the task is killed at once.
    const then = updatesDone();
    await until('more updates', () => updatesDone() >= then + 3);
    await run('scancel', ['--full', '--signal=KILL', job]);
    const [status] = await ended;
    expect(status).toBe(0);
    expect(begins()).toBe(3);
    const second = JSON.parse(await readFile(join(list, 'rounds/002.json'), 'utf8'));
    expect(second.tasks).toEqual([[[0, 0]]]);
    for (const file of [`iteration-${String(updates).padStart(7, '0')}.safetensors`, 'best.safetensors']) {
      const [a, b] = await Promise.all(
        ['whole', 'preempted'].map((name) => readFile(at(name, 'seed-1/teacher', file))),
      );
      expect(b!.equals(a!), file).toBe(true);
    }
    const bestOf = (name: string): unknown => {
      const { runs } = JSON.parse(readFileSync(at(name, 'sweep.json'), 'utf8'));
      return runs.map(({ ssim, mae, iteration }: Record<string, unknown>) => ({ ssim, mae, iteration }));
    };
    expect(bestOf('preempted')).toEqual(bestOf('whole'));
  });
});
