import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { writeFileAtomic } from '../src/base/files.node.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { describeGraph } from '../src/engine/graph/describe.js';
import { lineChart } from '../src/report/line-chart.js';
import { type Comparison, compare } from './compare.js';
import { graphOf } from './programs.js';
import { named, type Work } from './works.js';

/** One axis along which work grows, the other sizes held. */
interface Axis {
  readonly name: string;
  readonly works: readonly (Work & { readonly x: number })[];
}

const program = new Command('npm run growth --')
  .description('how time and memory grow with batch, width, side and slices; writes a table and a chart')
  .option('--seconds <n>', 'how long each work is repeated, at least three times', '5')
  .option('--threads <n>', 'threads', String(availableParallelism()))
  .option('--chart <file>', 'where the chart goes, .svg', 'docs/performance-growth.svg')
  .parse();
const options = program.opts<{ seconds: string; threads: string; chart: string }>();
const threads = wholeNumber('--threads', options.threads, 1, 1024);
const seconds = wholeNumber('--seconds', options.seconds, 0, 3600);

const update = (features: number, side: number, batch: number, x: number): Axis['works'][number] => ({
  ...named({ kind: 'generator-update', features, side, batch, threads, device: 'cpu' }),
  x,
});
const axes: readonly Axis[] = [
  { name: 'batch', works: [2, 4, 8, 16].map((batch) => update(8, 64, batch, batch)) },
  { name: 'width', works: [4, 8, 16, 32].map((features) => update(features, 64, 4, features)) },
  { name: 'side', works: [32, 64, 128].map((side) => update(8, side, 4, side)) },
  {
    name: 'slices',
    works: [20, 40, 80, 160].map((slices) => ({
      ...named({ kind: 'translation', features: 16, side: 128, batch: 4, slices, threads, device: 'cpu' }),
      x: slices,
    })),
  },
];

const worker = fileURLToPath(new URL('worker.js', import.meta.url));
const lines: { name: string; points: { x: number; y: number }[] }[] = [];
console.log('| grows with | work | GFLOP | time s | GFLOP/s | peak memory MiB |\n|---|---|---|---|---|---|');
for (const { name, works } of axes) {
  const measured: { x: number; flops: number; one: Comparison }[] = [];
  for (const work of works) {
    const flops = describeGraph(graphOf(work)).flops * (work.slices ?? 1);
    const one = await compare(work, { ours: [process.execPath, worker], peer: null }, seconds);
    measured.push({ x: work.x, flops, one });
    const { peakBytes } = one.ours;
    const time = timeOf(one);
    console.log(
      `| ${name} | ${work.name} | ${(flops / 1e9).toFixed(1)} | ${time.toFixed(3)} | ` +
        `${(flops / 1e9 / time).toFixed(0)} | ${(peakBytes / 2 ** 20).toFixed(0)} |`,
    );
  }
  // Time for the same work, relative to the smallest: 1 where time grows as the work does.
  const first = measured[0]!;
  const perFlop = (at: (typeof measured)[number]): number => timeOf(at.one) / at.flops;
  lines.push({
    name,
    points: measured.map((at) => ({ x: Math.log2(at.x / first.x), y: perFlop(at) / perFlop(first) })),
  });
}
await writeFileAtomic(
  options.chart,
  lineChart(lines, {
    title: 'Time for the same work as sizes grow',
    xLabel: 'doublings of the size',
    yLabel: 'seconds per FLOP, smallest = 1',
    yRange: [0, Math.max(1.2, ...lines.flatMap(({ points }) => points.map(({ y }) => y)))],
  }),
);
console.log(`\n${options.chart} shows it.`);

/** On one thread the processor's time, which other work leaves nearly alone; else the clock's. */
function timeOf({ ours }: Comparison): number {
  return threads === 1 ? ours.processorSeconds : ours.seconds;
}
