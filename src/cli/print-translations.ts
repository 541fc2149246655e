import { stat } from 'node:fs/promises';
import type { TranslationPlan } from '../cohort/translation-plan.js';
import { textTable } from '../terminal/text-table.js';

/** Prints what a plan would translate, from what, into which file. */
export async function printTranslations({ jobs, untranslatable, complete }: TranslationPlan): Promise<void> {
  const rows: string[][] = [];
  for (const { id, run } of jobs)
    for (const { source, target, out } of run.translations)
      rows.push([id, `${source} → ${target}`, (await isThere(out)) ? `${out} (is there)` : out]);
  if (rows.length > 0) console.log(textTable(['patient', 'translation', 'file'], rows, { align: 'left' }));
  for (const { message } of untranslatable) console.log(`not possible: ${message}`);
  if (complete.length > 0) console.log(`nothing missing: ${complete.join(', ')}`);
  console.log(`${rows.length} volumes of ${jobs.length} patients; nothing was written`);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
