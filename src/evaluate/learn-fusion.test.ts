import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { binOf, fuseTranslations } from '../translate/fusion.js';
import { fusionMoments, sourceSets } from './fusion-moments.js';
import { learnFusion } from './learn-fusion.js';

const size = 20_000;
const brain = new Uint8Array(size).fill(1);

/** A truth and translations whose errors share a part: `e_s = shared_s · common + own_s · noise`. */
function patient(
  seed: number,
  parts: readonly { readonly shared: number; readonly own: number }[],
  offset = 0,
) {
  const random = createRandom(seed, 'fusion');
  const truth = Float32Array.from({ length: size }, () => 0.3 + 0.4 * random.uniform());
  const common = Float32Array.from(truth, () => random.normal());
  const images = parts.map(({ shared, own }) =>
    truth.map((value, i) => value + offset + shared * common[i]! + own * random.normal()),
  );
  return { truth, images };
}

const moments = ({ truth, images }: ReturnType<typeof patient>) => [
  fusionMoments(
    'z',
    images.map((_, i) => `s${i}`),
    images,
    truth,
    brain,
  ),
];

/** The middle bins, where nearly all voxels are. */
const middle = [3, 4] as const;

describe('learnFusion', () => {
  it('weighs independent errors by the inverse of their variances', () => {
    const parts = [
      { shared: 0, own: 0.05 },
      { shared: 0, own: 0.1 },
    ];
    const [table] = learnFusion([moments(patient(1, parts)), moments(patient(2, parts))]);
    expect(table).toMatchObject({ target: 'z', sources: ['s0', 's1'], patients: 2 });
    // 1 / 0.0025 : 1 / 0.01 = 0.8 : 0.2, a little nearer to each other by the ridge. Which bin a voxel falls
    // into depends on the errors, so that bins differ by some hundredths.
    for (const bin of middle) expect(Math.abs(table!.weights[bin]![0]! - 0.8)).toBeLessThan(0.05);
    for (const row of table!.weights) expect(row[0]! + row[1]!).toBeCloseTo(1, 12);
  });

  it('gives a source that errs alike but more a weight below 0, and is better than the better source', () => {
    const parts = [
      { shared: 0.05, own: 0.01 },
      { shared: 0.1, own: 0.01 },
    ];
    const learnt = learnFusion([moments(patient(3, parts)), moments(patient(4, parts))]);
    const { truth, images } = patient(5, parts);
    const { fused } = fuseTranslations(images, [brain, brain], learnt[0]!.weights);
    for (const bin of middle) expect(learnt[0]!.weights[bin]![1]).toBeLessThan(-0.3);
    const squares = (answer: Float32Array): number =>
      answer.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / size;
    expect(squares(fused)).toBeLessThan(0.5 * squares(images[0]!));
  });

  it('leaves a common offset of a patient aside', () => {
    const parts = [
      { shared: 0, own: 0.05 },
      { shared: 0, own: 0.05 },
    ];
    const [plain] = moments(patient(6, parts));
    const [shifted] = moments(patient(6, parts, 0.05));
    const trace = (one: typeof plain): number =>
      one!.products.filter((_, i) => i % 4 === 0).reduce((sum, value) => sum + value, 0);
    expect(trace(shifted)).toBeCloseTo(trace(plain), 5);
  });

  it('counts patients alike, and bins by the mean of the translations', () => {
    const { truth, images } = patient(7, [
      { shared: 0, own: 0.1 },
      { shared: 0, own: 0.1 },
    ]);
    const [one] = moments({ truth, images });
    const expected = new Array<number>(8).fill(0);
    images[0]!.forEach((value, i) => {
      expected[binOf((value + images[1]![i]!) / 2)]! += 1 / size;
    });
    one!.shares.forEach((share, bin) => {
      expect(share).toBeCloseTo(expected[bin]!, 9);
    });
  });
});

describe('sourceSets', () => {
  it('are all sets of two or more, in order', () => {
    expect(sourceSets(['a', 'b', 'c']).map((set) => set.join(''))).toEqual(['ab', 'ac', 'bc', 'abc']);
    expect(sourceSets(['a'])).toEqual([]);
    expect(() => sourceSets(['a', 'b', 'c', 'd', 'e', 'f'])).toThrow(
      '--fuse: expected at most 5 sources, got 6',
    );
  });
});
