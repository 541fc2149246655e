import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { journalPath, readJournal } from '../training/journal.node.js';
import type { Method } from '../training/method.js';
import { readRunRecord, runPaths } from './run-folder.js';
import { useMethodsOf } from './run-methods.js';
import { runReportPage, type Sample, type TrainingReport } from './run-report-page.js';

/** Sheets of a method that the page shows: the first, the last, and others evenly between. */
const shownSheets = 5;

/**
 * The page about a run as it stands.
 *
 * @throws UtadError not-found or bad-file when the folder is none; bad-value when nothing has been trained yet.
 */
export async function runReport(run: string): Promise<string> {
  const record = await readRunRecord(run);
  return useMethodsOf(run, record, async (methods) => {
    const all = await Promise.all(methods.map((method) => trainingReport(run, method)));
    const trainings = all.filter(({ lines }) => lines.length > 0);
    if (trainings.length === 0) {
      refuse('bad-value', {
        where: run,
        problem: 'this run has no updates yet',
        todo: `Continue it: ${record.kind === 'segmenter' ? 'utad segment train' : 'utad train'} --resume.`,
      });
    }
    const fingerprint = await readFileBytes(runPaths.fingerprint(run)).then(
      (bytes) => new TextDecoder().decode(bytes).trim(),
      () => null,
    );
    return runReportPage({ run, record, trainings, fingerprint });
  });
}

async function trainingReport<Score, Held>(
  run: string,
  method: Method<Score, Held>,
): Promise<TrainingReport<Score, Held>> {
  const folder = runPaths.training(run, method.name);
  return {
    method,
    lines: await readJournal(journalPath(folder), method.validation.scoreSchema),
    samples: await samplesOf(run, method.name),
    files: await filesOf(folder),
  };
}

async function samplesOf(run: string, method: string): Promise<Sample[]> {
  const folder = runPaths.samples(run, method);
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
