import { describe, expect, it } from 'vitest';
import { tinyMetadata } from '../../test/fixtures/tiny-model.js';
import { modalityDoubt } from './modality-evidence.js';
import { quantileCount } from './model-metadata.js';

/** Quantiles of intensities that crowd at the bright end (skew below 1) or at the dark end (above 1). */
const skewed = (skew: number): number[] =>
  Array.from({ length: quantileCount }, (_, n) => (n / (quantileCount - 1)) ** skew);

const metadata = tinyMetadata({
  training: {
    stage: 'student',
    iterations: 1,
    trainingCases: ['a'],
    validationCases: [],
    quantiles: { t1: skewed(0.4), t1ce: skewed(0.6), t2: skewed(3), flair: skewed(1) },
    validation: null,
    dataFingerprint: 'none',
  },
});

/** A prepared volume whose brain, half of its pixels, has such intensities between two values. */
function volumeWith(skew: number, low = 0, high = 1) {
  const pixels = 4000;
  const brain = Uint8Array.from({ length: pixels }, (_, i) => i % 2);
  const slices = Float32Array.from(brain, (inside, i) =>
    inside ? 2 * (low + (high - low) * (i / pixels) ** skew) - 1 : -1,
  );
  return { brain, slices };
}

describe('modalityDoubt', () => {
  it('says which modality a volume looks like, only where that is far from what it is said to be', () => {
    expect(modalityDoubt(volumeWith(3), metadata, 't2')).toBeUndefined();
    expect(modalityDoubt(volumeWith(1), metadata, 't1ce')).toBeUndefined();
    expect(modalityDoubt(volumeWith(3), metadata, 't1')).toMatch(
      /^its intensities are unlike t1 and like t2 \(distance of their distributions 0\.\d\d and 0\.00\): is it really t1\?$/,
    );
    expect(modalityDoubt(volumeWith(0.4), metadata, 't2')).toMatch(/unlike t2 and like t1 /);
  });

  it('does not mind where the range lies that a few bright voxels stretch', () => {
    expect(modalityDoubt(volumeWith(0.4, 0.1, 0.5), metadata, 't1')).toBeUndefined();
    expect(modalityDoubt(volumeWith(3, 0.1, 0.5), metadata, 't1')).toMatch(/like t2/);
  });

  it('says nothing where the model does not know its training’s intensities', () => {
    expect(modalityDoubt(volumeWith(3), tinyMetadata(), 't1')).toBeUndefined();
  });
});
