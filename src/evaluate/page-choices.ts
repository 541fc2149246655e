import { differenceTile, imageTile } from '../report/byte-image.js';
import type { Tile } from '../report/draw-tile.js';
import { baselineNames } from './baselines.js';
import type { PatientPictures } from './patient-pictures.js';
import { type RankedPatient, rankPatients } from './rank-patients.js';
import type { EvaluationReport } from './report-schema.js';
import type { RegionScores } from './score.js';

/** A patient's scores, whatever was translated from. */
interface PatientRow extends RegionScores {
  readonly patient: string;
}

/** One cell of the page's matrix, and what is shown when it is chosen. */
export interface Choice {
  /** The row of the matrix: a modality, or `fused`. */
  readonly from: string;
  readonly to: string;
  readonly title: string;
  /** Mean correlation in the brain over patients. */
  readonly correlation: number;
  /** Beside the best of what it has to beat. */
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
  return directions.map(({ source, target, brain, ...others }) => ({
    from: source,
    to: target,
    title: `${source} → ${target}`,
    correlation: brain.correlation ?? 0,
    standing:
      (brain.correlation ?? 0) >
      Math.max(...baselineNames.map((name) => others[name]?.brain.correlation ?? 0))
        ? 'better'
        : 'worse',
    heads: [source, `${target}, translated`, `${target}, real`, 'translated − real, brightness taken out'],
    ranked: rankPatients(patients.filter((row) => row.source === source && row.target === target)),
    tiles: (pictures) => {
      const found = pictures.translated.find((one) => one.source === source && one.target === target);
      return (
        found && [
          sourceTile(pictures, source),
          ...predictionTiles(pictures, target, found.image, found.fitted),
        ]
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
      correlation: brain.correlation ?? 0,
      standing: (brain.correlation ?? 0) > (single.brain.correlation ?? 0) ? 'better' : 'worse',
      heads: ['spread of sources', `${target}, fused`, `${target}, real`, 'fused − real'],
      ranked: rankPatients(
        (fusedPatients ?? []).filter((row) => row.target === target && row.sources.join() === sources.join()),
      ),
      tiles: (pictures) => {
        const found = pictures.fused?.find((one) => one.target === target);
        if (!found) return undefined;
        // Drawn over the range of differences.
        const spread = Float32Array.from(found.spread, (value) => (differenceRange * value) / 255);
        return [{ values: spread, kind: 'error' }, ...predictionTiles(pictures, target, found.fused)];
      },
    }));
}

/** The source; of several the first one. */
function sourceTile({ real, outline }: PatientPictures, source: string): Tile {
  return imageTile(real[source] ?? real[source.split(' + ')[0]!]!, outline);
}

/** The prediction, the truth, and how they differ once the gain and offset of the volume are taken out. */
function predictionTiles(
  { real, outline }: PatientPictures,
  target: string,
  prediction: Uint8Array,
  fitted = prediction,
): readonly Tile[] {
  const truth = real[target]!;
  return [imageTile(prediction, outline), imageTile(truth, outline), differenceTile(fitted, truth, outline)];
}
