import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVolumeFile, writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import { regrid } from '../src/imaging/regrid.js';
import { loadModel } from '../src/translate/model.node.js';
import { translateVolume } from '../src/translate/translate-volume.js';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';

/** A network of any sources that is as small as can be. */
const small = [
  '--preset=any-source',
  '--set=model.sliceSide=64',
  '--set=model.levels=3',
  '--set=model.baseChannels=4',
  '--set=data.preparation.fieldOfViewMm=256',
  '--set=data.preparation.maximumFieldOfViewMm=256',
  '--set=optimiser.averageDecay=0.9',
  '--set=validation.slices=4',
  '--set=validation.every=20',
  '--set=schedule.checkpointEvery=20',
  '--iterations=40',
];

let utad: BuiltUtad;
beforeAll(async () => {
  utad = await buildUtad();
  for (const call of [
    ['phantom', '--out', 'data', '--patients', '4', '--spacing', '4'],
    ['train', 'data', '--out', 'run', ...small],
  ]) {
    const { status, stderr } = await utad.call(...call);
    expect(status, stderr).toBe(0);
  }
});
afterAll(() => utad.remove());

const scan = (folder: string, patient: number, modality: string): string =>
  join(utad.folder, folder, `Phantom_00${patient}`, `Phantom_00${patient}_${modality}.nii.gz`);

describe('a network of any sources', () => {
  it('is one stage of training, and translates from every modality that a patient has', async () => {
    const { stdout, status, stderr } = await utad.call(
      ...['translate', 'data', '--model', 'run/model.onnx', '--to', 'all', '--out', 'out'],
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('t2 ← t1 + t1ce + flair');
    const model = await loadModel(join(utad.folder, 'run/model.onnx'), { threads: 1 });
    const [t1, t1ce, flair] = await Promise.all(
      ['t1', 't1ce', 'flair'].map((name) => readVolumeFile(scan('data', 2, name))),
    );
    const options = { model, source: 't1', target: 't2' };
    const fromAll = await translateVolume(t1!, { ...options, others: { t1ce: t1ce!, flair: flair! } });
    const fromOne = await translateVolume(t1!, options);
    const written = await readVolumeFile(
      join(utad.folder, 'out/Phantom_002/Phantom_002_t2-synthetic.nii.gz'),
    );
    expect(written.data).toEqual(fromAll.data);
    expect(fromOne.data).not.toEqual(fromAll.data);
    await expect(translateVolume(t1!, { ...options, others: { t2: t1! } })).rejects.toThrow(
      'other modalities: expected others of t1, t1ce, t2, flair than source and target, got t2',
    );
    await model.close();
  });

  it('says which scan it does without, as it lies on another grid', async () => {
    await cp(join(utad.folder, 'data/Phantom_003'), join(utad.folder, 'part/Phantom_003'), {
      recursive: true,
    });
    await rm(scan('part', 3, 't2'));
    const flair = await readVolumeFile(scan('part', 3, 'flair'));
    const size = [30, 30, 19] as const;
    const affine = flair.affineVoxelToWorld.map((value, i) => (i % 4 < 3 && i < 12 ? 2 * value : value));
    const coarse = regrid(flair, { size, affineVoxelToWorld: affine }, 'nearest', 0);
    await writeVolumeFile(scan('part', 3, 'flair'), coarse);
    const { stdout, stderr, status } = await utad.call(
      ...['translate', 'part', '--model', 'run/model.onnx', '--to', 'missing', '--out', 'out-part'],
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('t1: flair is left out: it lies on another grid (30×30×19');
    const sidecar = JSON.parse(
      await readFile(join(utad.folder, 'out-part/Phantom_003/Phantom_003_t2-synthetic.json'), 'utf8'),
    ) as { utad: { warnings: readonly string[] } };
    expect(sidecar.utad.warnings.join()).toContain(
      't1: flair is left out: it lies on another grid (30×30×19',
    );
  });

  it('learns from patients without a single mask', async () => {
    await cp(join(utad.folder, 'data'), join(utad.folder, 'bare'), { recursive: true });
    for (const patient of [1, 2, 3, 4]) await rm(scan('bare', patient, 'seg'));
    const { stderr, status } = await utad.call(
      'train',
      'bare',
      '--out',
      'bare-run',
      ...small,
      '--iterations=2',
    );
    expect(status, stderr).toBe(0);
    const { status: taught, stderr: why } = await utad.call(
      ...['train', 'bare', '--out', 'taught', ...small, '--set=losses.generator.sup=1'],
    );
    expect([taught, why]).toEqual([1, expect.stringContaining('expected tumour masks')]);
  });

  it('refuses to fuse, as it takes all sources together', async () => {
    const { stderr, status } = await utad.call(
      ...[
        'translate',
        'data',
        '--model',
        'run/model.onnx',
        '--to',
        'all',
        '--out',
        'fused',
        '--fuse',
        'mean',
      ],
    );
    expect(status).toBe(2);
    expect(stderr).toContain('this model is given all sources together. Leave out --fuse.');
  });
});
