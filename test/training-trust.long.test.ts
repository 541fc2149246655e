import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../src/base/random.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';

/** Small, and long enough to be killed in many places; one thread, as small work is done fastest. */
const small = [
  ...[
    '--preset=tiny',
    '--set=model.sliceSide=32',
    '--set=model.baseChannels=3',
    '--set=model.levels=3',
    '--set=model.criticBaseChannels=2',
  ],
  ...[
    '--set=schedule.batchSize=4',
    '--set=validation.slices=4',
    '--set=validation.every=6',
    '--set=schedule.checkpointEvery=3',
  ],
  ...['--set=model.studentBaseChannels=2', '--set=data.augmentation.rotationDegrees=10', '--threads=1'],
];
const updates = 12;

let utad: BuiltUtad;
beforeAll(async () => {
  utad = await buildUtad();
  const made = await utad.call('phantom', '--out', 'data', '--patients', '5', '--spacing', '4');
  expect(made.status, made.stderr).toBe(0);
  const done = await utad.call('train', 'data', '--out', 'whole', ...small, `--iterations=${updates}`);
  expect(done.status, done.stderr).toBe(0);
});
afterAll(() => utad.remove());

const path = (...parts: string[]): string => join(utad.folder, ...parts);
const last = `iteration-${String(updates).padStart(7, '0')}.safetensors`;

/** Everything that a run has learnt: checkpoints and event files of both stages, to the byte. */
async function expectSameAsWhole(run: string): Promise<void> {
  for (const stage of ['teacher', 'student']) {
    for (const file of [last, 'best.safetensors']) {
      const [a, b] = await Promise.all(['whole', run].map((name) => readFile(path(name, stage, file))));
      expect(b!.equals(a!), `${stage}/${file}`).toBe(true);
    }
    const [a, b] = ['whole', run].map((name) => lossesOf(name, stage));
    expect(b).toEqual(a);
  }
}

/** The journal without the times. */
function lossesOf(run: string, stage: string): unknown[] {
  const text = readFileSync(path(run, stage, 'journal.jsonl'), 'utf8').trim();
  return text.split('\n').map((line) => ({ ...JSON.parse(line), seconds: 0 }));
}

function journalled(run: string): number {
  return ['teacher', 'student'].reduce((sum, stage) => {
    const file = path(run, stage, 'journal.jsonl');
    return sum + (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  }, 0);
}

describe('a training run', () => {
  it('ends with the same bits however often and wherever it is killed', async () => {
    const random = createRandom('kill', process.env['UTAD_KILL_SEED'] ?? 1);
    // Places in both stages, in lines of their journals, and some moment after each.
    const places = Array.from({ length: 4 }, () => 1 + random.integer(2 * updates)).sort((a, b) => a - b);
    for (const place of places) {
      const options = existsSync(path('killed/run.json'))
        ? ['--out', 'killed', '--resume', '--threads=1']
        : ['data', '--out', 'killed', ...small, `--iterations=${updates}`];
      const victim = utad.start('train', ...options);
      while (journalled('killed') < place && victim.exitCode === null) await wait(5);
      await wait(random.integer(100));
      const closed = new Promise((resolve) => victim.once('close', resolve));
      if (victim.exitCode === null) {
        victim.kill('SIGKILL');
        await closed;
      }
    }
    const resumed = await utad.call('train', '--out', 'killed', '--resume', '--threads=1');
    expect(resumed.status, resumed.stderr).toBe(0);
    await expectSameAsWhole('killed');
  });

  it('says that the disk is full, loses nothing and goes on when there is room', async () => {
    // A limit on the size of files, in KiB: slices and journals fit, a checkpoint does not.
    const train = [process.execPath, utad.main, 'train', 'data', '--out', 'full', ...small];
    const script = `ulimit -f 750; exec "$@" --iterations=${updates}`;
    const outcome = await new Promise<{ code: number; stderr: string }>((resolve) => {
      execFile('bash', ['-c', script, 'bash', ...train], { cwd: utad.folder }, (error, _, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
      );
    });
    expect(outcome.stderr).toMatch(
      /iteration-0000003\.safetensors: cannot write this file: more than may be written there \(EFBIG\)\. Free space/,
    );
    expect(outcome.code).toBe(1);
    expect((await readdir(path('full/teacher'))).filter((name) => name.includes('safetensors'))).toEqual([]);
    const resumed = await utad.call('train', '--out', 'full', '--resume', '--threads=1');
    expect(resumed.status, resumed.stderr).toBe(0);
    await expectSameAsWhole('full');
  });

  it('names a file that has gone since, and goes on when it is back', async () => {
    const record = JSON.parse(await readFile(path('whole/run.json'), 'utf8'));
    const [id, [modality]] = Object.entries(record.assignment)[0] as [string, [string]];
    const [file, away] = [path(`data/${id}/${id}_${modality}.nii.gz`), path('away.nii.gz')];
    await rename(file, away);
    const refused = await utad.call('train', '--out', 'whole', '--resume');
    await rename(away, file);
    expect(refused.stderr).toContain(`${id}: expected ${modality} among its files`);
    expect(refused.status).toBe(1);
    const resumed = await utad.call('train', '--out', 'whole', '--resume');
    expect(resumed.status, resumed.stderr).toBe(0);
  });

  it('tells everything about itself in one page', async () => {
    const done = await utad.call('report', 'whole');
    expect(done.status, done.stderr).toBe(0);
    const page = await readFile(path('whole/report.html'), 'utf8');
    const record = JSON.parse(await readFile(path('whole/run.json'), 'utf8'));
    for (const text of [
      ...record.trainingCases,
      ...record.validationCases,
      record.codeFingerprint,
      (await readFile(path('whole/data-fingerprint.txt'), 'utf8')).trim(),
      '&quot;studentBaseChannels&quot;: 2',
      't1ce → flair',
      last,
    ])
      expect(page).toContain(text);
    expect(page.match(/<img src="data:image\/png/g)).toHaveLength(4);
    // Nothing is fetched from anywhere.
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    const scores = lossesOf('whole', 'student').filter((line) => 'score' in (line as object));
    const { ssim } = (scores as { score: { ssim: number } }[]).at(-1)!.score;
    expect(page).toContain(ssim.toFixed(3));
  });

  it('plans without beginning', async () => {
    const options = ['--out', 'planned', ...small, '--iterations=1000', '--dry-run'];
    const done = await utad.call('train', 'data', ...options);
    expect(done.status, done.stderr).toBe(0);
    expect(existsSync(path('planned'))).toBe(false);
    expect(done.stdout).toMatch(
      /^teacher +1000 iterations of [\d.]+ s, 167 validations of \d+ s: about .*\d s$/m,
    );
    expect(done.stdout).toMatch(/^student +1000 iterations/m);
    const slices = /^training slices +about (\d+)$/m.exec(done.stdout);
    const index = (await readdir(path('whole/cache'))).find((name) => name.endsWith('.json'))!;
    const { entries } = JSON.parse(await readFile(path('whole/cache', index), 'utf8'));
    // Heads differ in size: two of four patients tell the number within a fifth.
    expect(Number(slices?.[1]) / entries.length).toBeGreaterThan(0.8);
    expect(Number(slices?.[1]) / entries.length).toBeLessThan(1.2);
    const memory = /^memory +about (\d+) MiB/m.exec(done.stdout);
    expect(Number(memory?.[1])).toBeGreaterThan(50);
  });

  it('refuses to plan what has begun already', async () => {
    const done = await utad.call('train', '--out', 'whole', '--resume', '--dry-run');
    expect(done.stderr).toMatch(/--dry-run/);
    expect(done.status).toBe(2);
  });
});
