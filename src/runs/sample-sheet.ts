import { join } from 'node:path';
import { writeFileAtomic } from '../base/files.node.js';
import { contactSheet, type SheetRow } from '../report/contact-sheet.js';
import { encodePng } from '../report/rgb-image.js';
import type { Stage } from '../training/update-setup.js';
import type { SampleRow } from '../training/validation.js';
import { runPaths } from './run-folder.js';

/** Writes the sheet of a validation into a run's folder. @throws UtadError io. */
export async function writeSampleSheet(
  run: string,
  stage: Stage,
  iteration: number,
  samples: readonly SampleRow[],
  modalities: readonly string[],
): Promise<void> {
  const name = `${String(iteration).padStart(7, '0')}.png`;
  await writeFileAtomic(join(runPaths.samples(run, stage), name), sampleSheet(samples, modalities));
}

/**
 * Draws held-out slices with all their translations: one row a slice and source, one column a target, the real
 * images on the diagonal. PNG.
 */
function sampleSheet(samples: readonly SampleRow[], modalities: readonly string[]): Uint8Array {
  const rows = samples.flatMap(({ slice, made }) =>
    modalities.flatMap((source, from): SheetRow[] => {
      const image = slice.images[from];
      if (image === null || image === undefined) return [];
      return [
        {
          label: `${slice.caseId} from ${source}`,
          tiles: modalities.map((_, to) => {
            const values = from === to ? image : made[from]![to];
            if (values === null || values === undefined) return null;
            return { values, outline: slice.tumour, caption: from === to ? 'real' : 'translated' };
          }),
        },
      ];
    }),
  );
  const side = Math.sqrt(samples[0]!.slice.tumour.length);
  return encodePng(
    contactSheet(rows, { side, valueRange: [-1, 1], columns: modalities.map((name) => `to ${name}`) }),
  );
}
