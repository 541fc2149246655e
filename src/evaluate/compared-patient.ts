import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { SliceGrid } from '../imaging/slice-grid.js';
import { sliceGridOf } from '../imaging/slice-grid.js';
import { toUnit } from '../metrics/unit-value.js';
import type { NormalisedVolume } from '../regression/local-features.js';

/** On which grid translations are compared with the truth: the patient's own, or that of the network's slices. */
export type GridName = 'native' | 'model';

/** A patient's real volumes as they are compared: on one grid, in axial order, in normalised intensities. */
export interface ComparedPatient {
  readonly id: string;
  readonly gridName: GridName;
  readonly grid: SliceGrid;
  /** Modality → its volume, in the model's order. */
  readonly modalities: Readonly<Record<string, NormalisedVolume>>;
  /** [K, rows, columns], 1 in the tumour, where there is a mask. */
  readonly tumour?: Uint8Array;
}

/** A prepared patient's slices as they are, for a comparison on the network's own grid. */
export function onModelGrid(patient: PreparedPatient): ComparedPatient {
  const { id, count, side, modalities, tumour } = patient;
  const { record } = Object.values(modalities)[0]!;
  return {
    id,
    gridName: 'model',
    grid: sliceGridOf({ count, side, record }),
    modalities: Object.fromEntries(
      Object.entries(modalities).map(([name, { slices, brain }]) => [
        name,
        { unit: slices.map(toUnit), brain },
      ]),
    ),
    ...(tumour ? { tumour } : {}),
  };
}
