import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/files.node.js';
import { protectFiles } from '../base/protected-inputs.node.js';
import { runReport } from '../runs/run-report.js';

/** Writes the page about a training run. */
export async function report(
  run: string,
  { out = join(run, 'report.html') }: { readonly out?: string },
): Promise<void> {
  const page = await runReport(run);
  const files = await readdir(run, { recursive: true });
  await protectFiles(files.filter((name) => !name.endsWith('.html')).map((name) => join(run, name)));
  await writeFileAtomic(out, page);
  console.log(out);
}
