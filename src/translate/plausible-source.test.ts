import { describe, expect, it } from 'vitest';
import { tinyMetadata, trainingFacts } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { preparedBody } from '../imaging/record.js';
import type { Volume } from '../imaging/volume.js';
import { prepareScan } from './prepare-scan.js';
import { prepareSource } from './translate-volume.js';

/** About 1.2 l. */
const head = smoothHead([48, 56, 30], [4, 3.5, 5], undefined, [62, 78, 60]);
const where = 'head';
const maskOf = (inside: (value: number, index: number) => boolean): Volume => ({
  ...head,
  data: head.data.map((value, index) => Number(inside(value, index))),
});
const learnt = (least: number, most: number) =>
  tinyMetadata({
    training: { ...trainingFacts([]), body: { volumeMl: [least, most], longestMm: [140, 180] } },
  });

describe('what a source measures', () => {
  it('is held against brains in general, or against those that the model has learnt from', () => {
    const body = preparedBody(prepareSource(head, tinyMetadata(), { source: 't1' }).record);
    expect(body.volumeMl).toBeGreaterThan(1100);
    expect(body.volumeMl).toBeLessThan(1300);
    const warningsOf = (metadata = tinyMetadata()) =>
      prepareScan(head, metadata, { source: 't1', where }).warnings.filter((text) => /foreground/.test(text));
    expect(warningsOf()).toEqual([]);
    expect(warningsOf(learnt(1000, 1700))).toEqual([]);
    expect(warningsOf(learnt(2000, 2100))).toEqual([
      expect.stringMatching(/^its foreground is 1\.2 l, and the model has learnt from 2 to 2\.1 l: /),
    ]);
    expect(warningsOf(learnt(200, 300))).toEqual([
      expect.stringMatching(/learnt from 0\.2 to 0\.3 l: it may/),
    ]);
  });
});

describe('masks of a source', () => {
  const large = smoothHead([48, 56, 30], [6, 5, 8], undefined, [130, 125, 105]);
  it('are refused where a brain mask is as large as a head', () => {
    const brain: Volume = { ...large, data: large.data.map((value) => Number(value > 0)) };
    const recipe = { ...tinyMetadata().recipe, fieldOfViewMm: 400 };
    expect(() => prepareSource(large, tinyMetadata({ recipe }), { source: 't1', where, brain })).toThrow(
      /^brain mask of head: expected a mask of at most 2\.5 l, got one of 7\.\d l\. Check that it is the mask of the brain/,
    );
  });

  it('are refused where a tumour is the brain, or all but the tumour', () => {
    const of = (volume: Volume) => () =>
      prepareSource(head, tinyMetadata(), { source: 't1', tumour: { volume, where: 'seg' } });
    const lesion = (index: number): boolean => index % 48 > 20 && index % 48 < 24;
    expect(of(maskOf((value) => value > 0))).toThrow(/^seg: expected a tumour, which is a part of the brain/);
    expect(of(maskOf((_, index) => !lesion(index)))).toThrow(/^seg: .* inverted/);
    expect(of(maskOf((value, index) => value > 0 && lesion(index)))).not.toThrow();
    expect(of({ ...head, data: head.data.map((value) => (value > 0 ? 0.5 : 0)) })).toThrow(
      /not whole numbers/,
    );
  });
});
