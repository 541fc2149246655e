import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { writeFileAtomic } from '../src/base/files.node.js';
import { writeJson } from '../src/base/json.node.js';
import { createRandom } from '../src/base/random.js';
import { sizeOf } from '../src/base/shapes.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { evaluate } from '../src/cli/evaluate.js';
import type { EvaluationReport } from '../src/evaluate/report-schema.js';
import type { MeanInterval } from '../src/metrics/bootstrap.js';
import { generatorSpecs } from '../src/model/generator.js';
import { lineChart, type Series } from '../src/report/line-chart.js';
import type { LoadedModel } from '../src/translate/loaded-model.js';
import { loadModel } from '../src/translate/model.node.js';

/** A student's width against what it costs and what it is worth. */
interface Width {
  readonly model: string;
  readonly features: number;
  readonly parameters: number;
  readonly bytes: number;
  /** Medians over the rounds in which the models took turns. */
  readonly secondsPerSlice: number;
  /** Median of its time over the widest one's in the same round. */
  readonly timeRatio: number;
  readonly report: EvaluationReport;
}

const program = new Command('npm run widths --')
  .description('quality of several students against their width, size and speed, as a table and charts')
  .argument('<data set>', 'the data set that they are evaluated on')
  .argument('<models...>', 'model files of different widths')
  .requiredOption('--out <folder>', 'folder for widths.json, widths.md, quality.svg, cost.svg, evaluations')
  .option('--every <n>', 'every n-th slice is evaluated', '4')
  .option('--rounds <n>', 'how often each model is timed', '9')
  .option('--threads <n>', 'threads on the CPU', '1')
  .parse();
const [dataSet, models] = program.processedArgs as [string, string[]];
const { out, every, ...more } = program.opts<{
  out: string;
  every: string;
  rounds: string;
  threads: string;
}>();
const rounds = wholeNumber('--rounds', more.rounds, 1, 1000);
const threads = wholeNumber('--threads', more.threads, 1, 1024);

const timed = await timesOf(models);
const widths: Width[] = [];
for (const [i, path] of models.entries()) {
  const label = `${i + 1}-${basename(path, '.onnx')}`;
  const { report } = await evaluate(dataSet, {
    model: path,
    out: join(out, label),
    every,
    device: 'cpu',
    fit: 'none',
  });
  widths.push({ model: path, ...timed[i]!, report });
}
widths.sort((a, b) => b.features - a.features);
await writeJson(join(out, 'widths.json'), widths);
await writeFileAtomic(join(out, 'widths.md'), table(widths));
await writeFileAtomic(join(out, 'quality.svg'), qualityChart(widths));
await writeFileAtomic(join(out, 'cost.svg'), costChart(widths));
console.log(`\n${table(widths)}`);

/** Times all models in rounds, one after another in each, so that what else the machine does falls on all. */
async function timesOf(paths: readonly string[]): Promise<Omit<Width, 'model' | 'report'>[]> {
  const loaded: LoadedModel[] = [];
  for (const path of paths) loaded.push(await loadModel(path, { threads }));
  const seconds: number[][] = loaded.map(() => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, model] of loaded.entries()) {
      const slices = noise(4, model.metadata.model.sliceSide);
      const began = performance.now();
      await model.translateSlices(slices, 0, 1);
      if (round > 0) seconds[i]!.push((performance.now() - began) / 1000 / 4);
    }
  }
  const features = loaded.map(({ metadata }) => metadata.model.baseChannels);
  const widest = features.indexOf(Math.max(...features));
  const costs = await Promise.all(
    loaded.map(async ({ metadata }, i) => ({
      features: features[i]!,
      parameters: generatorSpecs(metadata.model)
        .filter(({ name, role }) => role !== 'inert' && !name.startsWith('tumor_decoder.'))
        .reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      bytes: (await stat(paths[i]!)).size,
      secondsPerSlice: median(seconds[i]!),
      timeRatio: median(seconds[i]!.map((time, round) => time / seconds[widest]![round]!)),
    })),
  );
  for (const model of loaded) await model.close();
  return costs;
}

function noise(count: number, side: number): Float32Array {
  const random = createRandom('noise');
  return Float32Array.from({ length: count * side * side }, () => 2 * random.uniform() - 1);
}

function table(rows: readonly Width[]): string {
  const interval = (one: MeanInterval | null): string =>
    one === null ? '–' : `${one.mean.toFixed(3)} (${one.low.toFixed(3)} to ${one.high.toFixed(3)})`;
  const lines = rows.map(({ features, parameters, bytes, secondsPerSlice, timeRatio, report }) =>
    [
      features,
      `${(parameters / 1e6).toFixed(2)} M`,
      `${(bytes / 2 ** 20).toFixed(1)} MiB`,
      `${(1000 * secondsPerSlice).toFixed(1)} ms`,
      timeRatio.toFixed(2),
      interval(report.overall.translation.brain.ssim!),
      interval(report.overall.translation.brain.mae!),
      interval(report.overall.translation.tumour.ssim),
      interval(report.overall.translation.tumour.mae),
    ].join(' | '),
  );
  const head = ['features', 'parameters', 'file', `a slice, ${threads} thread(s)`, 'time to the widest'];
  const quality = ['SSIM', 'MAE', 'SSIM in the tumour', 'MAE in the tumour'];
  const names = [...head, ...quality];
  return [
    `| ${names.join(' | ')} |`,
    `|${'---|'.repeat(names.length)}`,
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}

/** x: log₂ of the width, so that halvings are equally far apart. */
function curve(name: string, rows: readonly Width[], of: (one: Width) => number): Series {
  return { name, points: rows.toReversed().map((one) => ({ x: Math.log2(one.features), y: of(one) })) };
}

function qualityChart(rows: readonly Width[]): string {
  return lineChart(
    [
      curve('SSIM', rows, ({ report }) => report.overall.translation.brain.ssim!.mean),
      curve(
        'SSIM in the tumour',
        rows,
        ({ report }) => report.overall.translation.tumour.ssim?.mean ?? Number.NaN,
      ),
      curve(
        'SSIM of the histogram-matched source',
        rows,
        ({ report }) => report.mean.histogramMatched?.brain.ssim ?? Number.NaN,
      ),
    ],
    { title: 'Quality against width', xLabel: 'features, as a power of 2', yLabel: 'SSIM' },
  );
}

function costChart(rows: readonly Width[]): string {
  const widest = rows[0]!;
  return lineChart(
    [
      curve('time', rows, ({ timeRatio }) => timeRatio),
      curve('file', rows, ({ bytes }) => bytes / widest.bytes),
    ],
    { title: 'Cost against width', xLabel: 'features, as a power of 2', yLabel: 'share of the widest' },
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
