import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../src/base/whole-number.js';
import type { TranslatePatientRun } from '../src/cohort/translation-job.js';
import { defaultReadLimits } from '../src/imaging/read-limits.js';
import type { Job } from '../src/jobs/job.js';
import { jobPaths } from '../src/jobs/job-folder.js';
import { openJobList, readJobs } from '../src/jobs/job-list.js';
import { readListState } from '../src/jobs/list-state.js';
import { writeOutcome } from '../src/jobs/outcome-file.js';
import { writeRound } from '../src/jobs/rounds.js';

const program = new Command('node build/bench/list-at-scale.js')
  .description('what a list of jobs costs before and after the work: bytes, seconds, memory')
  .option('--patients <n>', 'how many', '100000')
  .parse();
const count = wholeNumber('--patients', program.opts<{ patients: string }>().patients, 1, 1e6);
const parent = await mkdtemp(join(tmpdir(), 'utad-scale-'));

/** A patient with three scans and one to make, with paths as long as such paths are. */
function jobOf(index: number): Job<TranslatePatientRun> {
  const id = `BraTS-GLI-${String(index).padStart(6, '0')}-000`;
  const at = (name: string): string => `/shared/project/cohort/brats/${id}/${id}-${name}.nii.gz`;
  const out = `/shared/project/cohort/made/${id}/${id}_t2-synthetic.nii.gz`;
  const model = { path: '/shared/project/models/model.onnx', sha256: '0'.repeat(64) };
  return {
    id,
    inputs: [at('t1n'), at('t1c'), at('t2f'), model.path],
    outputs: [out],
    run: {
      kind: 'translate-patient',
      patient: id,
      settings: {
        model,
        device: 'cpu',
        threads: 1,
        datatype: 'float32',
        format: 'nifti',
        skullStrip: null,
        check: null,
        limits: defaultReadLimits,
        force: false,
      },
      translations: [
        {
          target: 't2',
          source: 't1',
          from: { path: at('t1n') },
          chosenBy: "first in the model's order",
          out,
        },
      ],
      scans: { t1: { path: at('t1n') }, t1ce: { path: at('t1c') }, flair: { path: at('t2f') } },
      brain: null,
      linkedScans: [],
    },
  };
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${what}: ${seconds.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of the processor`);
  return result;
}

try {
  const jobs = Array.from({ length: count }, (_, index) => jobOf(index));
  const about = { command: { arguments: ['translate'], folder: '/' }, codeVersion: '0' };
  const folder = await timed(`laying down ${count} jobs`, () => openJobList(parent, 'work', jobs, about));
  const size = async (path: string): Promise<string> => `${((await stat(path)).size / 1e6).toFixed(1)} MB`;
  console.log(
    `jobs.jsonl ${await size(jobPaths.jobs(folder))}, jobs.offsets ${await size(jobPaths.offsets(folder))}`,
  );
  const tasks = Array.from({ length: Math.ceil(count / 100) }, (_, task) =>
    Array.from({ length: Math.min(100, count - 100 * task) }, (_, i) => 100 * task + i),
  );
  await writeRound(folder, 1, { tasks, workers: 1, jitterSeconds: 0, attempts: 3, stops: 50 });
  console.log(`rounds/001.json ${await size(jobPaths.round(folder, 1))}`);
  await timed("reading one task's 100 jobs", () => readJobs(folder, tasks.at(-1)!));
  await timed('finding the same list again', () => openJobList(parent, 'work', jobs, about));
  await timed('writing all outcomes', async () => {
    for (const [index, job] of jobs.entries()) {
      const result = { translations: [{ target: 't2', source: 't1', status: 'made' }], warnings: [] };
      const outcome = { id: job.id, status: 'done' as const, seconds: 60, result };
      await writeOutcome(jobPaths.outcome(folder, index), job, outcome, { round: 1, machine: 'node' });
    }
  });
  console.log(`an outcome ${(await stat(jobPaths.outcome(folder, 0))).size} bytes`);
  await timed('utad jobs show', () => readListState(folder, count));
  console.log(`most memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
} finally {
  await rm(parent, { recursive: true, force: true });
}
