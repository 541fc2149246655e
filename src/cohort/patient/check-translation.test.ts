import { expect, it } from 'vitest';
import { tinyMetadata } from '../../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../../test/fixtures/volumes.js';
import { prepareVolume } from '../../imaging/prepare.js';
import { restoreVolume } from '../../imaging/restore.js';
import type { SegmenterMetadata } from '../../segmentation/segmenter-metadata.js';
import { checkTranslation, type TranslationToCheck } from './check-translation.js';

const metadata = tinyMetadata();
const head = smoothHead([24, 24, 12], [8, 8, 8]);
/** A bright ball in the head. */
const volume = {
  ...head,
  data: head.data.map((value, i) => {
    const away = Math.hypot((i % 24) - 9, (Math.floor(i / 24) % 24) - 12, Math.floor(i / 576) - 5.5);
    return value > 0 && away < 3 ? 2000 : value;
  }),
};
const prepared = prepareVolume(volume, metadata.recipe);

/** 1 where a value is far above those of the brain, however they are scaled. */
function standsOut(values: Float32Array): Float32Array {
  const inside = values.filter((value) => value > -1);
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
  return values.map((value) => (value > mean + 2.5 * deviation ? 1 : 0));
}

/** A translation by a rule for each value, and back by another. */
function taskFor(
  there: (value: number) => number,
  back: (value: number) => number,
  alone: SegmenterMetadata['training']['alone'] = null,
): TranslationToCheck {
  const slices = prepared.slices.map(there);
  return {
    model: {
      metadata,
      translateSlices: async (values, _, target) => values.map(target === 0 ? back : there),
    },
    source: 't1',
    target: 'flair',
    volume,
    prepared,
    slices,
    synthetic: restoreVolume(slices, prepared.record, { low: 30, high: 600 }, 0),
    others: {},
    segmenter: {
      metadata: {
        recipe: metadata.recipe,
        model: { regions: ['whole'] },
        training: { alone },
      } as unknown as SegmenterMetadata,
      segment: async (given) => [standsOut(Object.values(given)[0]!)],
    },
  };
}

it('says nothing of a translation that comes back whole and keeps its tumour', async () => {
  const { cycleError, tumour, spread } = await checkTranslation(
    taskFor(
      (v) => v,
      (v) => v,
    ),
  );
  expect(cycleError).toMatchObject({ mean: 0, percentile95: 0 });
  expect(cycleError.map.data.every((value) => value === 0)).toBe(true);
  expect(tumour).toMatchObject({ flags: [], wasDetected: true, dice: 1 });
  expect(spread).toBeNull();
});

it('maps where it does not come back, on the target’s scale, and flags the tumour that it lost', async () => {
  const lose = (value: number): number => (value > 0.5 ? -0.5 : value);
  const { cycleError, tumour } = await checkTranslation(taskFor(lose, (value) => value));
  const inBrain = prepared.slices.filter((_, i) => prepared.brain[i]);
  const mean = inBrain.reduce((sum, value) => sum + (value - lose(value)) / 2, 0) / inBrain.length;
  // FLAIR is given back from 30 to 600; the ball went from 1 to −0.5, which is 0.75 on [0, 1].
  expect(cycleError.mean).toBeCloseTo(570 * mean, 2);
  expect(Math.max(...cycleError.map.data)).toBeCloseTo(570 * 0.75, 1);
  expect(tumour).toMatchObject({ flags: ['vanished'], wasDetected: true });
});

it('is unsure where the segmenter is known to miss tumours', async () => {
  const alone = { t1: { whole: 0.2 }, flair: { whole: 0.7 } };
  expect(
    (
      await checkTranslation(
        taskFor(
          (v) => v,
          (v) => v,
          alone,
        ),
      )
    ).unsure,
  ).toEqual(['t1']);
  expect(
    (
      await checkTranslation(
        taskFor(
          (v) => v,
          (v) => v,
        ),
      )
    ).unsure,
  ).toEqual([]);
});

it('compares the translations of several scans', async () => {
  const task = taskFor(
    (value) => value,
    (value) => value,
  );
  const darker = { ...prepared, slices: prepared.slices.map((value) => Math.max(-1, value - 0.2)) };
  const { spread } = await checkTranslation({ ...task, others: { t2: darker } });
  expect(spread!.sources).toEqual(['t1', 't2']);
  // Two values 0.1 apart on [0, 1] have a deviation of 0.05.
  expect(spread!.percentile95).toBeCloseTo(570 * 0.05, 2);
});
