import { join } from 'node:path';
import { writeFileAtomic } from '../base/files.node.js';
import { runReport } from '../runs/run-report.js';

/** Writes the page about a training run. */
export async function report(
  run: string,
  { out = join(run, 'report.html') }: { readonly out?: string },
): Promise<void> {
  await writeFileAtomic(out, await runReport(run));
  console.log(out);
}
