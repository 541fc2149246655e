import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DicomSeries } from '../../src/imaging/formats/dicom/series.js';
import { describeSeries } from '../work/choose-series.js';
import { candidatesFor, offered, pictures } from './patient-state.js';

beforeEach(() => {
  pictures.value = [];
});
afterEach(() => {
  offered.value = [];
});

/** A series that was not read, as the page lists it. */
function offer(description: string, guess: DicomSeries['guess'], isVolume = true): void {
  const series = {
    name: '7',
    description,
    guess,
    frames: [],
    plan: isVolume ? { frames: [] } : { kind: 'missing-slices', expected: '9 slices', got: '8', todo: '' },
  } as unknown as DicomSeries;
  offered.value = [...offered.value, { drop: 1, ...describeSeries(series) }];
}

describe('what may be of a modality that seems to be missing', () => {
  it('is a broken series, a series that nothing names, and a T1 that may be either', () => {
    expect(candidatesFor('t2')).toEqual([]);
    offer('T2 tra', { contrast: 't2', confidence: 'high', reasons: [] }, false);
    expect(candidatesFor('t2')).toEqual(['series 7 “T2 tra” (expected 9 slices, got 8)']);
    expect(candidatesFor('flair')).toEqual([]);
    offer('t1_mprage', { contrast: 't1', confidence: 'low', reasons: [] });
    expect([candidatesFor('t1').length, candidatesFor('t1ce').length]).toEqual([1, 1]);
    offer('ax brain', { contrast: 'unknown', confidence: 'low', reasons: [] });
    expect(['t1', 't1ce', 't2', 'flair'].map((name) => candidatesFor(name).length)).toEqual([2, 2, 2, 1]);
    offer('localizer', {
      contrast: 'other',
      other: 'localizer or calibration',
      confidence: 'high',
      reasons: [],
    });
    expect(candidatesFor('flair').length).toBe(1);
  });
});
