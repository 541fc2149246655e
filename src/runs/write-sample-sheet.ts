import { join } from 'node:path';
import { writeFileAtomic } from '../base/files.node.js';
import { contactSheet } from '../report/contact-sheet.js';
import { encodePng } from '../report/rgb-image.js';
import type { SampleSheet } from '../training/sample-sheet.js';
import { runPaths } from './run-folder.js';

/** Writes the sheet of a validation into a run's folder, where there is one. @throws UtadError io. */
export async function writeSampleSheet(
  run: string,
  method: string,
  iteration: number,
  samples: SampleSheet | null,
): Promise<void> {
  if (samples === null) return;
  const { rows, side, columns } = samples;
  const png = encodePng(contactSheet(rows, { side, valueRange: [-1, 1], columns }));
  const name = `${String(iteration).padStart(7, '0')}.png`;
  await writeFileAtomic(join(runPaths.samples(run, method), name), png);
}
