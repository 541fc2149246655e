import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { restoreVolume } from '../imaging/restore.js';
import type { Volume } from '../imaging/volume.js';
import { labelMap } from './label-map.js';
import type { LoadedSegmenter } from './segmenter.node.js';

/** A patient's regions on the grid of the scans. */
interface SegmentedPatient {
  /** 0 outside, else the labels asked for. */
  readonly labels: Volume;
  /** Region → probability, 0 to 1. */
  readonly probabilities: Readonly<Record<string, Volume>>;
}

/**
 * Segments a prepared patient and brings the result back to the grid of the scans.
 *
 * @param labels region → what the label map holds there
 * @throws UtadError bad-argument when the patient has none of the segmenter's modalities.
 */
export async function segmentPatient(
  patient: PreparedPatient,
  segmenter: Pick<LoadedSegmenter, 'metadata' | 'segment'>,
  labels: Readonly<Record<string, number>>,
): Promise<SegmentedPatient> {
  const { regions } = segmenter.metadata.model;
  const volumes = Object.entries(patient.modalities);
  const found = await segmenter.segment(
    Object.fromEntries(volumes.map(([name, { slices }]) => [name, slices])),
  );
  const { record } = volumes[0]![1];
  const restored = found.map((probability) =>
    // Restoring takes slices in [−1, 1], and 0 and 1 stand for themselves.
    restoreVolume(
      probability.map((p) => 2 * p - 1),
      record,
      { low: 0, high: 1 },
      0,
    ),
  );
  const map = labelMap(
    restored.map(({ data }) => data),
    regions,
    labels,
  );
  return {
    labels: { ...restored[0]!, data: map },
    probabilities: Object.fromEntries(regions.map((name, r) => [name, restored[r]!])),
  };
}
