import { isProblem } from '../../src/imaging/formats/dicom/plan-slices.js';
import { showSeries } from '../../src/imaging/formats/dicom/read-volume.js';
import type { DicomSeries } from '../../src/imaging/formats/dicom/series.js';
import { mayAlsoBe } from '../picture/recognise.js';

const contrasts = ['t1', 't1ce', 't2', 'flair'] as const;
const rank = { high: 2, medium: 1, low: 0 } as const;

/**
 * The series that are read at once: the best of each contrast; where none shows one, the only series that makes a
 * volume. Of equally sure ones the one with more slices counts.
 */
export function seriesToRead(series: readonly DicomSeries[]): readonly DicomSeries[] {
  const whole = series.filter(({ plan }) => !isProblem(plan));
  const better = (a: DicomSeries, b: DicomSeries): DicomSeries => {
    const sure = rank[b.guess.confidence] - rank[a.guess.confidence];
    return sure > 0 || (sure === 0 && b.frames.length > a.frames.length) ? b : a;
  };
  const chosen = contrasts.flatMap((contrast) => {
    const fitting = whole.filter(({ guess }) => guess.contrast === contrast);
    return fitting.length === 0 ? [] : [fitting.reduce(better)];
  });
  return chosen.length === 0 && whole.length === 1 ? whole : chosen;
}

/** A series as the page lists it. */
export function describeSeries(series: DicomSeries): {
  readonly name: string;
  readonly description: string;
  readonly why: string;
  readonly readable: boolean;
  readonly mayShow: readonly string[] | 'any';
} {
  const { name, description, guess, plan, frames } = series;
  const mayShow = modalitiesOf(series);
  if (isProblem(plan))
    return {
      name,
      description,
      why: `expected ${plan.expected}, got ${plan.got}`,
      readable: false,
      mayShow,
    };
  const what =
    guess.contrast === 'other'
      ? guess.other
      : guess.contrast === 'unknown'
        ? 'nothing says what it shows'
        : `another ${guess.contrast.toUpperCase()}`;
  return { name, description, why: `${frames.length} slices, ${what}`, readable: true, mayShow };
}

/** Modalities that a series may show; without a word about contrast agent a T1 may be either. */
function modalitiesOf({ guess: { contrast, confidence }, plan }: DicomSeries): readonly string[] | 'any' {
  if (contrast === 'other') return [];
  if (contrast === 'unknown') return isProblem(plan) ? [] : 'any';
  return mayAlsoBe(contrast, confidence === 'high');
}

/** What a volume read from a series is called. */
export function nameOfSeries(series: DicomSeries): string {
  return showSeries(series);
}
