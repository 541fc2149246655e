import { Command } from 'commander';
import { writeFileAtomic } from '../src/base/files.node.js';
import { createRandom } from '../src/base/random.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { nextStep, type RetryLimits, sizesOf } from '../src/jobs/retry-policy.js';
import { slurmProfileSchema } from '../src/jobs/slurm/profile.js';
import { lineChart } from '../src/report/line-chart.js';
import { type SimulatedCluster, type SimulatedPolicy, simulateCohort } from './simulated-cohort.js';

const program = new Command('node build/bench/simulate-cohort.js')
  .description('simulates a cohort in a cluster where things go wrong, with the retry policy of the code')
  .option('--patients <n>', 'how many', '100000')
  .option('--places <n>', 'tasks at once', '500')
  .option('--seconds <n>', 'median of a patient', '35')
  .option('--start <n>', 'seconds before a task does its first patient', '15')
  .option('--seed <n>', 'of everything random', '1')
  .option('--chart <file>', 'where the chart goes, .svg', 'docs/scale.svg')
  .parse();
const options =
  program.opts<Record<'patients' | 'places' | 'seconds' | 'start' | 'seed' | 'chart', string>>();
const number = (name: 'patients' | 'places' | 'seconds' | 'start' | 'seed', low: number): number =>
  wholeNumber(`--${name}`, options[name], low, 1e7);
const [patients, places, seed] = [number('patients', 1), number('places', 1), number('seed', 0)];

const hour = 3600;
const calm: SimulatedCluster = {
  places,
  startSeconds: number('start', 0),
  jobSeconds: number('seconds', 1),
  jobSpread: 0.2,
  stragglers: [],
  machineFailsEvery: Number.POSITIVE_INFINITY,
  preemptedEvery: Number.POSITIVE_INFINITY,
  requeueSeconds: 150,
  transient: 0,
  broken: 0,
  breaksProcess: 0,
  breaksTask: 0,
};
const usual: SimulatedCluster = {
  ...calm,
  stragglers: [
    { share: 0.01, factor: 5 },
    { share: 0.0005, factor: 30 },
  ],
  machineFailsEvery: 30 * 24 * hour,
  transient: 1e-3,
  broken: 1e-3,
  breaksProcess: 1e-4,
  breaksTask: 1e-4,
};
const clusters: Readonly<Record<string, SimulatedCluster>> = {
  'nothing goes wrong': calm,
  'as usual': usual,
  'preempted every 2 h': { ...usual, preemptedEvery: 2 * hour },
  'bad day': {
    ...usual,
    preemptedEvery: hour / 2,
    machineFailsEvery: 24 * hour,
    transient: 0.05,
    breaksTask: 1e-3,
  },
};
const profile = slurmProfileSchema.parse({});

const lines: { name: string; points: { x: number; y: number }[] }[] = [];
console.log(
  '| cluster | patients a task | tasks | hours | to ideal | wasted | rounds | starts | done | sound given up |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const [name, cluster] of Object.entries(clusters)) {
  for (const jobsPerTask of [10, 100, 1000]) {
    const tasks = Math.min(100_000, Math.ceil(patients / jobsPerTask));
    const random = createRandom(seed, name, jobsPerTask);
    const end = simulateCohort(patients, cluster, profile, { tasks, jobsPerTask }, random);
    // All places busy with the mean patient of a cluster in which nothing goes wrong.
    const ideal = (patients * cluster.jobSeconds * Math.exp(cluster.jobSpread ** 2 / 2)) / places / hour;
    console.log(
      `| ${name} | ${jobsPerTask} | ${tasks} | ${end.hours.toFixed(1)} | ${(end.hours / ideal).toFixed(2)} | ` +
        `${(100 * end.wastedShare).toFixed(1)} % | ${end.rounds} | ${end.starts} | ${end.done} | ${end.innocent} |`,
    );
    if (jobsPerTask === 100)
      lines.push({ name, points: end.course.map(([hours, share]) => ({ x: hours, y: 100 * share })) });
  }
}

/** Policies to compare the code's own with, in the cluster where most goes wrong. */
const policies: Readonly<
  Record<string, { readonly policy?: SimulatedPolicy; readonly limits?: RetryLimits }>
> = {
  'as in the code': {},
  'later rounds in tasks as large': { policy: { nextStep, sizesOf: (_, sizes) => sizes } },
  'lost jobs not alone': {
    policy: {
      nextStep: (failedAttempts, limits) =>
        nextStep(failedAttempts, limits) === 'give-up' ? 'give-up' : 'again',
      sizesOf,
    },
  },
  'one attempt': { limits: { ...profile, attempts: 1 } },
  'five attempts': { limits: { ...profile, attempts: 5 } },
};
console.log(
  '\n| policy, on the bad day, 100 patients a task | hours | wasted | rounds | starts | done | sound given up |',
);
console.log('|---|---|---|---|---|---|---|');
for (const [name, { policy, limits }] of Object.entries(policies)) {
  const sizes = { tasks: Math.ceil(patients / 100), jobsPerTask: 100 };
  const random = createRandom(seed, 'policies');
  const end = simulateCohort(patients, clusters['bad day']!, limits ?? profile, sizes, random, policy);
  console.log(
    `| ${name} | ${end.hours.toFixed(1)} | ${(100 * end.wastedShare).toFixed(1)} % | ${end.rounds} | ${end.starts} | ` +
      `${end.done} | ${end.innocent} |`,
  );
}
await writeFileAtomic(
  options.chart,
  lineChart(lines, {
    title: `${patients} patients, ${places} tasks at once, 100 patients a task`,
    xLabel: 'hours',
    yLabel: 'patients that have an end, %',
    yRange: [0, 100],
  }),
);
console.log(`\n${options.chart} shows the course.`);
