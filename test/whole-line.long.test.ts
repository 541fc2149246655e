import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelHash } from '../src/cohort/open-model.js';
import { decodeSafetensors } from '../src/engine/files/safetensors.js';
import { readVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import { type TranslationScore, translationScoreSchema } from '../src/methods/translation-score.js';
import { type JournalLine, readJournal } from '../src/training/journal.node.js';
import type { ModelMetadata } from '../src/translate/model-metadata.js';
import { readModelMetadata } from '../src/translate/read-model.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';

/** The smallest training there can be: 32×32 slices of 8 mm, 2 features. */
const small = [
  '--preset=tiny',
  '--set=model.sliceSide=32',
  '--set=model.baseChannels=2',
  '--set=model.levels=3',
  '--set=model.criticBaseChannels=2',
  '--set=schedule.batchSize=4',
  '--set=validation.slices=4',
  '--set=validation.every=6',
  '--set=schedule.checkpointEvery=3',
  '--iterations=12',
];

let utad: BuiltUtad;
beforeAll(async () => {
  utad = await buildUtad();
  const { status, stderr } = await utad.call('phantom', '--out', 'data', '--patients', '5', '--spacing', '4');
  expect(status, stderr).toBe(0);
});
afterAll(() => utad.remove());

async function tensorsOf(run: string, stage: string): Promise<ReturnType<typeof decodeSafetensors>> {
  const path = join(utad.folder, run, stage, 'iteration-0000012.safetensors');
  return decodeSafetensors(new Uint8Array(await readFile(path)), path);
}

async function metadataOf(model: string): Promise<ModelMetadata> {
  const path = join(utad.folder, model);
  return readModelMetadata(new Uint8Array(await readFile(path)), path);
}

describe('the command line', () => {
  it('trains, is killed, resumes, and ends with the same bits as a run that was left alone', async () => {
    const whole = await utad.call('train', 'data', '--out', 'whole', ...small);
    expect(whole.status, whole.stderr).toBe(0);

    const victim = utad.start('train', 'data', '--out', 'parts', ...small);
    const checkpoint = join(utad.folder, 'parts/teacher/iteration-0000003.safetensors');
    while (!existsSync(checkpoint) && victim.exitCode === null) await wait(5);
    victim.kill('SIGKILL');
    await new Promise((resolve) => victim.once('close', resolve));
    expect(existsSync(join(utad.folder, 'parts/model.onnx'))).toBe(false);

    const resumed = await utad.call('train', '--out', 'parts', '--resume');
    expect(resumed.status, resumed.stderr).toBe(0);
    for (const stage of ['teacher', 'student']) {
      const [a, b] = [await tensorsOf('whole', stage), await tensorsOf('parts', stage)];
      expect(b.metadata).toEqual(a.metadata);
      expect(Object.keys(b.tensors)).toEqual(Object.keys(a.tensors));
      for (const [name, { data }] of Object.entries(a.tensors))
        expect(b.tensors[name]!.data, name).toEqual(data);
    }
    const leftovers = (await readdir(join(utad.folder, 'parts/teacher'))).filter((name) =>
      name.endsWith('.tmp'),
    );
    expect(leftovers).toEqual([]);
  });

  it('stops on a signal with its state saved', async () => {
    const process = utad.start('train', 'data', '--out', 'stopped', ...small, '--iterations=100000');
    const journal = join(utad.folder, 'stopped/teacher/journal.jsonl');
    while ((await readFile(journal, 'utf8').catch(() => '')).split('\n').length < 3) await wait(20);
    process.kill('SIGTERM');
    const status = await new Promise((resolve) => process.once('close', resolve));
    expect(status).toBe(143);
    const lines = (await readFile(journal, 'utf8')).trim().split('\n');
    const last = JSON.parse(lines.at(-1)!) as { iteration: number };
    const name = `iteration-${String(last.iteration).padStart(7, '0')}.safetensors`;
    expect(existsSync(join(utad.folder, 'stopped/teacher', name))).toBe(true);
  });

  it('draws sample sheets and writes a model that says what it is', async () => {
    const sheets = await readdir(join(utad.folder, 'whole/student/samples'));
    expect(sheets.sort()).toEqual(['0000006.png', '0000012.png']);
    const record = JSON.parse(await readFile(join(utad.folder, 'whole/run.json'), 'utf8')) as Record<
      string,
      string[]
    >;
    expect(record['trainingCases']).toHaveLength(4);
    expect(Object.values(record['assignment']!).flat().sort()).toEqual(['flair', 't1', 't1ce', 't2']);
  });

  it('translates a held-out volume onto its own grid', async () => {
    const record = JSON.parse(await readFile(join(utad.folder, 'whole/run.json'), 'utf8')) as {
      validationCases: string[];
    };
    const id = record.validationCases[0]!;
    const source = `data/${id}/${id}_t1.nii.gz`;
    const made = await utad.call(
      'translate',
      source,
      '--to',
      'flair',
      '--model',
      'whole/model.onnx',
      '--out',
      'flair.nii.gz',
    );
    expect(made.status, made.stderr).toBe(0);
    const [given, got] = await Promise.all(
      [source, 'flair.nii.gz'].map((path) => readVolumeFile(join(utad.folder, path))),
    );
    expect(got!.size).toEqual(given!.size);
    expect(got!.affineVoxelToWorld).toEqual(given!.affineVoxelToWorld);
    const outside = given!.data.findIndex((value, i) => value === 0 && got!.data[i] !== 0);
    expect(outside).toBe(-1);
    expect(got!.data.some((value) => value > 0)).toBe(true);
  });

  it('translates with the model that comes with it where none is named, and says so', async () => {
    const models = join(dirname(utad.main), '../../models');
    const call = ['translate', 'data/Phantom_001/Phantom_001_t1.nii.gz', '--to=t2', '--out=t2.nii.gz'];
    const without = await utad.call(...call);
    expect([without.status, without.stderr]).toEqual([
      1,
      expect.stringMatching(/^utad: --model: expected a model that comes with utad-net, got none in /m),
    ]);
    await mkdir(models);
    await copyFile(join(utad.folder, 'whole/model.onnx'), join(models, 'utad-brats-16.onnx'));
    const made = await utad.call(...call);
    expect(made.status, made.stderr).toBe(0);
    expect(made.stderr).toMatch(/^Model: utad-brats-16, which comes with utad-net/m);
    const { sha256 } = JSON.parse(await readFile(join(utad.folder, 't2.json'), 'utf8')).utad.model;
    expect(sha256).toBe(await modelHash(join(utad.folder, 'whole/model.onnx')));
  });

  it('keeps in the model how each direction validated, as the journal has it', async () => {
    const teacher = await metadataOf('whole/teacher.onnx');
    expect([teacher.training?.stage, teacher.model.tumourMask]).toEqual(['teacher', true]);
    const { training, model } = await metadataOf('whole/model.onnx');
    const journal = await readJournal(
      join(utad.folder, 'whole/student/journal.jsonl'),
      translationScoreSchema,
    );
    const best = journal.find(
      (line) => line.kind === 'validation' && line.iteration === training!.iterations,
    );
    const { score } = best as Extract<JournalLine<TranslationScore>, { kind: 'validation' }>;
    const { ssim, mae, correlation, directions } = score;
    const named = (index: number): string => model.modalities[index]!;
    expect(directions).toHaveLength(12);
    expect(training!.validation).toEqual({
      ssim,
      mae,
      correlation,
      directions: directions.map((one) => ({
        source: named(one.source),
        target: named(one.target),
        ssim: one.ssim,
        mae: one.mae,
        correlation: one.correlation,
      })),
    });
  });

  it('makes a missing modality from the source whose direction validated best', async () => {
    await mkdir(join(utad.folder, 'gap/a'), { recursive: true });
    for (const name of ['t1', 't1ce', 't2']) {
      const scan = join(utad.folder, `data/Phantom_001/Phantom_001_${name}.nii.gz`);
      await copyFile(scan, join(utad.folder, `gap/a/a_${name}.nii.gz`));
    }
    const done = await utad.call(
      'translate',
      'gap',
      '--to=missing',
      '--model=whole/model.onnx',
      '--out=filled',
    );
    expect(done.status, done.stderr).toBe(0);

    const { training } = await metadataOf('whole/model.onnx');
    const toFlair = training!.validation!.directions!.filter(({ target }) => target === 'flair');
    const best = toFlair.reduce((a, b) => (b.ssim > a.ssim ? b : a));
    const summary = JSON.parse(await readFile(join(utad.folder, 'filled/summary.json'), 'utf8'));
    expect(summary.patients[0].volumes).toMatchObject([
      {
        modality: 'flair',
        from: best.source,
        chosenBy: `best of the model's validation (SSIM ${best.ssim.toFixed(3)})`,
      },
    ]);
  });

  it('evaluates twelve directions beside the baselines', async () => {
    const done = await utad.call('evaluate', 'data', '--model', 'whole/model.onnx', '--out', 'evaluation');
    expect(done.status, done.stderr).toBe(0);
    const report = JSON.parse(await readFile(join(utad.folder, 'evaluation/report.json'), 'utf8')) as {
      directions: {
        source: string;
        target: string;
        patients: number;
        brain: Record<string, number>;
        copy: unknown;
        histogramMatched: unknown;
      }[];
    };
    expect(report.directions).toHaveLength(12);
    for (const { source, target, patients, brain } of report.directions) {
      expect(source).not.toBe(target);
      expect(patients).toBe(1);
      expect(Object.keys(brain)).toEqual(expect.arrayContaining(['mae', 'psnr', 'ssim']));
    }
  });

  it('trains a network that sees neighbouring slices, and translates and evaluates with its model', async () => {
    const few = ['--set=model.contextSlices=1', '--iterations=3', '--set=validation.every=3', '--paired'];
    const trained = await utad.call('train', 'data', '--out', 'around', ...small, ...few);
    expect(trained.status, trained.stderr).toBe(0);
    expect((await metadataOf('around/model.onnx')).model.contextSlices).toBe(1);
    expect((await metadataOf('whole/model.onnx')).model).not.toHaveProperty('neighbours');

    const source = 'data/Phantom_001/Phantom_001_t1.nii.gz';
    const use = ['--to=flair', '--model=around/model.onnx', '--out=around.nii.gz'];
    const made = await utad.call('translate', source, ...use);
    expect(made.status, made.stderr).toBe(0);
    const [given, got] = await Promise.all(
      [source, 'around.nii.gz'].map((path) => readVolumeFile(join(utad.folder, path))),
    );
    expect(got!.size).toEqual(given!.size);
    const judge = ['--model=around/model.onnx', '--out=around-evaluation', '--every=5'];
    const judged = await utad.call('evaluate', 'data', ...judge);
    expect(judged.status, judged.stderr).toBe(0);

    // Its weights alone tell what it sees.
    const weights = await utad.call('weights', 'around/student/best.safetensors', '--out=around.safetensors');
    expect(weights.stdout).toContain('context slices: 1 below and above');
    const file = await utad.call('weights', 'around.safetensors', '--out=around.onnx');
    expect(file.status, file.stderr).toBe(0);
    expect((await metadataOf('around.onnx')).model.contextSlices).toBe(1);
  });

  it.each([
    [['train', 'nowhere', '--out', 'x'], 1, /nowhere/],
    [['train', 'data', '--out', 'whole', ...small], 1, /Continue it with --resume, or choose another folder/],
    [['train', '--out', 'whole', '--resume', '--iterations', '5'], 2, /Leave these out, or start a new run/],
    [['train', '--out', 'none', '--resume'], 1, /there is no run to continue/],
    [['train', 'data', '--out', 'x', '--set', 'model.baseChanels=3'], 2, /Did you mean model.baseChannels\?/],
    [['train', 'data', '--out', 'x', '--stage', 'student'], 2, /Train a teacher first/],
    [['train', 'data', '--out', 'x', '--device', 'abacus', ...small], 2, /--device: expected cpu/],
    [['translat'], 2, /unknown command|Did you mean/],
  ])('refuses %j', async (args, status, message) => {
    const done = await utad.call(...args);
    expect(done.stderr).toMatch(message);
    expect(done.status).toBe(status);
  });

  it('takes it quietly when nobody reads its output to the end', async () => {
    const child = spawn(process.execPath, [utad.main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint += text.toString();
    });
    const [status] = await once(child, 'close');
    expect({ status, complaint }).toEqual({ status: 0, complaint: '' });
  });

  it('refuses to continue on data that have changed', async () => {
    await utad.call(
      'phantom',
      '--out',
      'data',
      '--patients',
      '5',
      '--spacing',
      '4',
      '--seed',
      '2',
      '--force',
    );
    const done = await utad.call('train', '--out', 'stopped', '--resume');
    expect(done.stderr).toMatch(/expected the data that the run began with, got files, or a preparation/);
    expect(done.status).toBe(1);
  });
});
