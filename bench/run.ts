import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { writeJson } from '../src/base/json.node.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { type Comparison, compare, type Sides } from './compare.js';
import { findPeer } from './find-peer.js';
import { floorSeconds } from './floor.js';
import { measureMachine } from './machine.js';
import { trainingWorks, translationWorks } from './works.js';

const ourScript = fileURLToPath(new URL('worker.js', import.meta.url));

const program = new Command('npm run bench --')
  .description('times updates and translations beside PyTorch, paired in one run')
  .option('--json <file>', 'also writes [{ name, ours, peer, ratio, processorRatio, unit }]')
  .option('--only <text>', 'only works whose names contain this', '')
  .option('--seconds <n>', 'how long each work is repeated, at least three times', '10')
  .option('--threads <n>', 'threads on both sides', String(availableParallelism()))
  .option('--device <name>', 'our device; PyTorch then computes on CUDA', 'cpu')
  .option('--python <command>', 'a Python that has PyTorch', 'python3')
  .parse();
const options = program.opts<{
  json?: string;
  only: string;
  seconds: string;
  threads: string;
  device: string;
  python: string;
}>();

const threads = wholeNumber('--threads', options.threads, 1, 1024);
const seconds = wholeNumber('--seconds', options.seconds, 0, 3600);
const where = { threads, device: options.device };
const works = [...trainingWorks(where), ...translationWorks(where)].filter(({ name }) =>
  name.includes(options.only),
);
const sides: Sides = { ours: [process.execPath, ourScript], peer: findPeer(options.python) };

const rates = await measureMachine(threads);
console.log(
  `${threads} threads; matrix product ${(rates.flopsPerSecond / 1e9).toFixed(0)} GFLOP/s, ` +
    `memory ${(rates.bytesPerSecond / 1e9).toFixed(1)} GB/s`,
);
const row = (...cells: string[]): void =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(42) : cell.padStart(11))).join(''));
row('work', 'ours s', 'PyTorch s', 'ratio', 'CPU ratio', 'floor s', 'ours MiB', 'PyTorch MiB');
const done: Comparison[] = [];
for (const work of works) {
  const one = await compare(work, sides, seconds);
  done.push(one);
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  row(
    work.name,
    one.ours.seconds.toFixed(4),
    one.peer?.seconds.toFixed(4) ?? '',
    one.ratio?.toFixed(2) ?? '',
    one.processorRatio?.toFixed(2) ?? '',
    floorSeconds(work, rates).toFixed(4),
    mebibytes(one.ours.peakBytes),
    one.peer === null ? '' : mebibytes(one.peer.peakBytes),
  );
}
if (options.json !== undefined) {
  const entries = done.flatMap(({ work, ours, peer, ratio, processorRatio }) => [
    { name: work.name, ours: ours.seconds, peer: peer?.seconds ?? null, ratio, processorRatio, unit: 's' },
    {
      name: `${work.name} peak memory`,
      ours: ours.peakBytes,
      peer: peer?.peakBytes ?? null,
      ratio: peer === null ? null : ours.peakBytes / peer.peakBytes,
      unit: 'bytes',
    },
  ]);
  await writeJson(options.json, entries);
}
