import { describe, expect, it } from 'vitest';
import { foregroundIn } from './foreground.js';
import { readVolumeFile } from './formats/volume-file.node.js';
import { readVolumeGrid } from './formats/volume-grid.node.js';
import { bodyDoubts } from './plausibility.js';
import { prepareVolume } from './prepare.js';
import { defaultRecipe } from './recipe.js';

const pathOf = (name: string): string => new URL(`../../test/cases/${name}`, import.meta.url).pathname;

async function doubtsAbout(name: string): Promise<readonly string[]> {
  const volume = await readVolumeFile(pathOf(name));
  return bodyDoubts(volume, foregroundIn(volume, { kind: 'nonzero' }));
}

describe('a foreground that is no brain', () => {
  it.each([
    ['head-with-zero-air/data/P1/P1_t1.nii.gz', /^its foreground is 2\.8 l, .* may hold the skull/],
    [
      'spacing-lost/data/P1/P1_t1.nii.gz',
      /^its foreground is 0\.0\d+ l|^its foreground is \d\S* l, .* larger/,
    ],
    ['spacing-lost/data/P2/P2_t1.nii.gz', /^its foreground is 1\.4e-9 l, .* larger than the header says/],
    ['int16-wrapped/data/P1/P1_t1.nii.gz', /^98 % of its foreground is negative \(down to -31098\)/],
  ])('is noticed: %s', async (name, expected) => {
    const doubts = await doubtsAbout(name);
    expect(doubts).toEqual([expect.stringMatching(expected)]);
  });

  it.each(['qform-sform-disagree/data/P1/P1_t1.nii.gz', 'gzip-long-name/data/P1/P1_t1.nii.gz'])(
    'is not suspected in a brain: %s',
    async (name) => expect(await doubtsAbout(name)).toEqual([]),
  );

  it('is not suspected in an image that was standardised', async () => {
    const volume = await readVolumeFile(pathOf('gzip-long-name/data/P1/P1_t1.nii.gz'));
    const data = volume.data.map((value) => (value === 0 ? 0 : (value - 550) / 100));
    expect(bodyDoubts({ ...volume, data }, foregroundIn(volume, { kind: 'nonzero' }))).toEqual([]);
  });
});

describe('zeros inside the brain', () => {
  it('are brain, and zeros outside are not', async () => {
    const volume = await readVolumeFile(pathOf('zeros-inside-the-brain/P1_flair.nii.gz'));
    const brain = foregroundIn(volume, { kind: 'nonzero' });
    const holes = brain.filter((inside, at) => inside === 1 && volume.data[at] === 0).length;
    expect(holes).toBeGreaterThan(100);
    expect(brain[0]).toBe(0);
    const { record } = prepareVolume(volume, defaultRecipe(32));
    expect(record.steps[1].brain.reduce((sum, inside) => sum + inside, 0)).toBe(
      brain.reduce((sum, inside) => sum + inside, 0),
    );
  });

  it('are air in a body that a value separates from it', async () => {
    const volume = await readVolumeFile(pathOf('zeros-inside-the-brain/P1_flair.nii.gz'));
    const body = foregroundIn(volume, { kind: 'above', value: 0 });
    expect(body.every((inside, at) => inside === Number(volume.data[at]! > 0))).toBe(true);
  });
});

describe('notes of a NIfTI file', () => {
  it.each([
    ['gzip-trailing-bytes/garbage_t1.nii.gz', ['37 bytes behind the packed stream were ignored']],
    ['gzip-trailing-bytes/zeros_t1.nii.gz', ['512 bytes behind the packed stream were ignored']],
    [
      'qform-sform-disagree/data/P1/P1_t1.nii.gz',
      [
        'its sform (LPS) and its qform (RPS) disagree about left and right; the sform is used, other programs may use the qform',
      ],
    ],
    ['spacing-lost/data/P2/P2_t1.nii.gz', ['its header is in micrometres: voxels are 0.006×0.006×0.006 mm']],
    ['int16-wrapped/data/P1/P1_t1.nii.gz', undefined],
  ])('say what is unusual: %s', async (name, notes) => {
    expect((await readVolumeFile(pathOf(name))).notes).toEqual(notes);
  });

  it('are not needed for a long name in the gzip header, also where only the header is read', async () => {
    const path = pathOf('gzip-long-name/data/P1/P1_t1.nii.gz');
    expect((await readVolumeGrid({ path })).size).toEqual((await readVolumeFile(path)).size);
  });
});
