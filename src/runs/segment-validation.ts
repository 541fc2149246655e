import type { CaseFiles } from '../datasets/case.js';
import { meanOf } from '../metrics/bootstrap.js';
import type { RegionFigures } from '../segmentation/region-figures.js';
import type { LoadedSegmenter } from '../segmentation/segmenter.node.js';
import { type ValidatedPatient, validatePatient } from '../segmentation/validate-patient.node.js';
import { textTable } from '../terminal/text-table.js';

/** Means over patients of what was found from one set of modalities. */
interface MeanFigures {
  readonly dice: number;
  readonly hausdorff95Mm: number;
  /** Found less true volume. */
  readonly volumeDifferenceMl: number;
}

/** How good a segmenter is on held-out patients. */
export interface SegmenterReport {
  readonly regions: readonly string[];
  /** Given all modalities first, then with each one missing. */
  readonly sets: readonly {
    /** null for all; else the modality that is missing. */
    readonly missing: string | null;
    readonly patients: number;
    readonly means: Readonly<Record<string, MeanFigures>>;
  }[];
  readonly patients: readonly ValidatedPatient[];
}

/** Judges a segmenter on patients with masks: all their modalities given, then each one missing in turn. */
export async function validateSegmenter(
  cases: readonly CaseFiles[],
  segmenter: LoadedSegmenter,
  onProgress: (done: number, total: number, text: string) => void,
): Promise<SegmenterReport> {
  const { modalities, regions } = segmenter.metadata.model;
  const without = (missing: string | null): string[] => modalities.filter((name) => name !== missing);
  const sets = [null, ...(modalities.length > 1 ? modalities : [])];
  const patients: ValidatedPatient[] = [];
  for (const [index, one] of cases.entries()) {
    onProgress(index, cases.length, one.id);
    patients.push(...(await validatePatient(one, segmenter, sets.map(without))));
  }
  onProgress(cases.length, cases.length, '');
  return {
    regions,
    sets: sets.flatMap((missing) => {
      const rows = patients.filter(({ given }) => given.join() === without(missing).join());
      const means = regions.map(
        (region) => [region, meansOf(rows.map((row) => row.regions[region]!))] as const,
      );
      return rows.length === 0 ? [] : [{ missing, patients: rows.length, means: Object.fromEntries(means) }];
    }),
    patients,
  };
}

function meansOf(rows: readonly RegionFigures[]): MeanFigures {
  return {
    dice: meanOf(rows.map(({ dice }) => dice)),
    hausdorff95Mm: meanOf(rows.map(({ hausdorff95Mm }) => hausdorff95Mm)),
    volumeDifferenceMl: meanOf(rows.map(({ foundMl, trueMl }) => foundMl - trueMl)),
  };
}

/** The means as a table for the terminal. */
export function validationTable({ regions, sets }: SegmenterReport): string {
  const head = ['given', ...regions.flatMap((region) => [`${region} Dice`, 'HD95 mm', 'ΔV ml'])];
  const rows = sets.map(({ missing, means }) => [
    missing === null ? 'all' : `all but ${missing}`,
    ...regions.flatMap((region) => {
      const { dice, hausdorff95Mm, volumeDifferenceMl } = means[region]!;
      return [dice.toFixed(3), hausdorff95Mm.toFixed(1), volumeDifferenceMl.toFixed(1)];
    }),
  ]);
  return textTable(head, rows);
}
