import type { Tile } from '../report/draw-tile.js';
import { type PatientPictures, pictureValues } from './patient-pictures.js';
import { type RankedPatient, rankPatients } from './rank-patients.js';
import type { EvaluationReport } from './report-schema.js';
import type { RegionScores } from './score.js';

/** A patient's scores, whatever was translated from. */
export interface PatientRow extends RegionScores {
  readonly patient: string;
}

/** One cell of the page's matrix, and what is shown when it is chosen. */
export interface Choice {
  /** The row of the matrix: a modality, or `fused`. */
  readonly from: string;
  readonly to: string;
  readonly title: string;
  /** Mean over patients. */
  readonly ssim: number;
  /** Beside the best answer that it has to beat. */
  readonly standing: 'better' | 'worse';
  /** Words above the four tiles. */
  readonly heads: readonly [string, string, string, string];
  readonly ranked: readonly RankedPatient<PatientRow>[];
  /** Four tiles of a patient; undefined where it has no such picture. */
  readonly tiles: (pictures: PatientPictures) => readonly Tile[] | undefined;
}

/** Difference that is drawn brightest. */
export const differenceRange = 0.5;

/** Every direction of a report, and every target fused from all other modalities. */
export function choicesOf(report: EvaluationReport): readonly Choice[] {
  return [...singleChoices(report), ...fusedChoices(report)];
}

function singleChoices({ directions, patients }: EvaluationReport): readonly Choice[] {
  return directions.map(({ source, target, brain, copy, matched }) => ({
    from: source,
    to: target,
    title: `${source} → ${target}`,
    ssim: brain.ssim,
    standing: brain.ssim > Math.max(copy.brain.ssim, matched?.brain.ssim ?? 0) ? 'better' : 'worse',
    heads: [source, `${target}, translated`, `${target}, real`, 'translated − real'],
    ranked: rankPatients(patients.filter((row) => row.source === source && row.target === target)),
    tiles: (pictures) => {
      const made = pictures.made.find((one) => one.source === source && one.target === target);
      return (
        made && [outlined(pictures, pictures.real[source]!), ...judgedTiles(pictures, target, made.image)]
      );
    },
  }));
}

function fusedChoices({ fused, fusedPatients }: EvaluationReport): readonly Choice[] {
  const largest = (target: string): number =>
    Math.max(...(fused ?? []).filter((one) => one.target === target).map(({ sources }) => sources.length));
  return (fused ?? [])
    .filter(({ target, sources }) => sources.length === largest(target))
    .map(({ target, sources, brain, single }) => ({
      from: 'fused',
      to: target,
      title: `${sources.join(' + ')} → ${target}`,
      ssim: brain.ssim,
      standing: brain.ssim > single.brain.ssim ? 'better' : 'worse',
      heads: ['spread of sources', `${target}, fused`, `${target}, real`, 'fused − real'],
      ranked: rankPatients(
        (fusedPatients ?? []).filter((row) => row.target === target && row.sources.join() === sources.join()),
      ),
      tiles: (pictures) => {
        const made = pictures.fused?.find((one) => one.target === target);
        if (!made) return undefined;
        // Drawn over the range of differences.
        const spread = Float32Array.from(made.spread, (value) => (differenceRange * value) / 255);
        return [{ values: spread, kind: 'error' }, ...judgedTiles(pictures, target, made.fused)];
      },
    }));
}

/** The answer, the truth, and their difference. */
function judgedTiles(pictures: PatientPictures, target: string, answer: Uint8Array): readonly Tile[] {
  const truth = pictureValues(pictures.real[target]!);
  const values = pictureValues(answer).map((value, i) => value - truth[i]!);
  const { outline } = pictures;
  return [
    outlined(pictures, answer),
    outlined(pictures, pictures.real[target]!),
    { values, kind: 'difference', ...(outline ? { outline } : {}) },
  ];
}

function outlined({ outline }: PatientPictures, image: Uint8Array): Tile {
  return { values: pictureValues(image), ...(outline ? { outline } : {}) };
}
