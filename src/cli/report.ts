import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { learningCurves } from '../runs/learning-curves.js';
import { type RunRecord, readRunRecord, runPaths } from '../runs/run-folder.js';
import { runReportPage, type Sample, type StageReport } from '../runs/run-report-page.js';
import { readJournal } from '../training/journal.node.js';
import type { Stage } from '../training/update-setup.js';

/** Sheets of a stage that the page shows: the first, the last, and others evenly between. */
const shownSheets = 5;

/**
 * The page about a run as it stands.
 *
 * @throws UtadError not-found or bad-file when the folder is none; bad-value when nothing has been trained yet.
 */
export async function runReport(run: string): Promise<string> {
  const record = await readRunRecord(run);
  const stages: StageReport[] = [];
  for (const stage of stagesOf(record)) {
    const lines = await readJournal(runPaths.journal(run, stage));
    if (lines.length > 0)
      stages.push({
        stage,
        lines,
        samples: await samplesOf(run, stage),
        files: await filesOf(runPaths.stage(run, stage)),
      });
  }
  if (stages.length === 0) {
    refuse('bad-value', {
      where: run,
      problem: 'this run has no updates yet',
      todo: 'Continue it: utad train --resume.',
    });
  }
  const curves = await learningCurves(stages.map(({ stage }) => ({ stage, run })));
  const fingerprint = await readFileBytes(runPaths.fingerprint(run)).then(
    (bytes) => new TextDecoder().decode(bytes).trim(),
    () => null,
  );
  return runReportPage({ run, record, stages, curves, fingerprint });
}

function stagesOf({ stages }: RunRecord): readonly Stage[] {
  return stages === 'both' ? ['teacher', 'student'] : [stages];
}

async function samplesOf(run: string, stage: Stage): Promise<Sample[]> {
  const folder = runPaths.samples(run, stage);
  const names = (await filesOf(folder)).filter((name) => /^\d+\.png$/.test(name));
  const count = Math.min(shownSheets, names.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => names[Math.round((i * (names.length - 1)) / Math.max(1, count - 1))]!,
  );
  const samples: Sample[] = [];
  for (const name of chosen)
    samples.push({ iteration: Number.parseInt(name, 10), png: await readFileBytes(join(folder, name)) });
  return samples;
}

async function filesOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

export async function report(
  run: string,
  { out = join(run, 'report.html') }: { readonly out?: string },
): Promise<void> {
  await writeFileAtomic(out, await runReport(run));
  console.log(out);
}
