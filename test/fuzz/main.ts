import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { emptyTally, type FuzzTally } from './fuzz.js';
import type { FuzzReport, FuzzWork } from './worker.js';

/** A case that takes more work of the processor hangs; waiting for it on a busy machine does not count. */
const hangAfterCpuMs = 20_000;
/** Room for the input that is being tried, to be saved when it hangs. */
const currentBytes = 2 ** 22;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string' },
    replay: { type: 'string', multiple: true },
    out: { type: 'string', default: '.fuzz/failures' },
  },
});
linkGoldenFiles();
const { fuzzTargets } = await import('./targets/index.js');
const { runCase } = await import('./run-case.js');
const names = values.target ?? fuzzTargets.map(({ name }) => name);
const unknown = names.find((name) => !fuzzTargets.some((target) => target.name === name));
if (unknown !== undefined) {
  console.error(`--target: expected ${fuzzTargets.map(({ name }) => name).join(', ')}, got ${unknown}`);
  process.exit(2);
}
process.exit(values.replay === undefined ? await explore() : await replay(values.replay));

/** Gives saved files to a target once. */
async function replay(paths: readonly string[]): Promise<number> {
  const target = fuzzTargets.find(({ name }) => name === names[0])!;
  const outcome = await runCase(
    target,
    paths.map((path) => new Uint8Array(readFileSync(path))),
  );
  console.log(outcome);
  return outcome.kind === 'crashed' ? 1 : 0;
}

async function explore(): Promise<number> {
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    console.error('npm run fuzz -- [--minutes 5] [--target name] [--seed whole number] [--replay file]');
    return 2;
  }
  console.log(`seed ${seed}, ${minutes} minutes for ${names.join(', ')}`);
  let failures = 0;
  for (const name of names) {
    const tally = await work(name, seed, (minutes * 60_000) / names.length);
    failures += tally.crashes;
    const refused = Object.entries(tally.refused).sort(([, a], [, b]) => b - a);
    console.log(
      `${name}: ${tally.cases} cases, ${tally.accepted} accepted, ` +
        `${refused.map(([code, count]) => `${count} ${code}`).join(', ') || 'none refused'}, ` +
        `${tally.crashes} crashes`,
    );
  }
  return failures === 0 ? 0 : 1;
}

/** Lets a thread try inputs on a target; one that hangs is stopped and its input saved. */
function work(name: string, seed: number, milliseconds: number): Promise<FuzzTally> {
  const current = new SharedArrayBuffer(8 + currentBytes);
  const progress = new Int32Array(current, 0, 2);
  const workerData: FuzzWork = { name, seed, milliseconds, current };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
  let tally = emptyTally();
  return new Promise((resolve, reject) => {
    let finished = false;
    const giveUp = (why: string): void => {
      finished = true;
      clearInterval(watch);
      const input = new Uint8Array(current.slice(8, 8 + Atomics.load(progress, 1)));
      save(name, [input], `${why} (parts of the input one after the other)`);
      void worker.terminate().then(() => resolve({ ...tally, crashes: tally.crashes + 1 }));
    };
    let [seen, since] = [-1, process.cpuUsage()];
    const watch = setInterval(() => {
      const now = Atomics.load(progress, 0);
      const { user, system } = process.cpuUsage(since);
      if (now !== seen) [seen, since] = [now, process.cpuUsage()];
      else if (user + system > 1000 * hangAfterCpuMs) {
        giveUp(`hangs for more than ${hangAfterCpuMs} ms of work`);
      }
    }, 500);
    worker.on('message', ({ tally: latest, failure, done }: FuzzReport) => {
      tally = latest;
      finished ||= done;
      if (failure !== undefined) save(name, failure.input, failure.reason);
    });
    worker.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
    worker.on('exit', () => {
      clearInterval(watch);
      if (finished) resolve(tally);
      else giveUp('ends without an answer');
    });
  });
}

function save(name: string, input: readonly Uint8Array[], reason: string): void {
  mkdirSync(values.out, { recursive: true });
  const hash = createHash('sha256');
  for (const part of input) hash.update(part);
  const stem = join(values.out, `${name}-${hash.digest('hex').slice(0, 10)}`);
  const paths = input.map((part, index) => {
    const path = input.length === 1 ? `${stem}.bin` : `${stem}-${index}.bin`;
    writeFileSync(path, part);
    return path;
  });
  writeFileSync(`${stem}.txt`, `${reason}\n`);
  console.log(`${name} does not stand ${paths.join(' ')}\n  ${reason.split('\n').slice(0, 4).join('\n  ')}`);
}

/** Built files look for the golden files where the sources have them. */
function linkGoldenFiles(): void {
  const place = fileURLToPath(new URL('../golden', import.meta.url));
  if (!existsSync(place)) symlinkSync(join(process.cwd(), 'test/golden'), place);
}
