import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { writeFileAtomic } from '../src/base/files.node.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import { drawAverageCranium } from '../src/phantom/anatomy.js';
import { generatePatient } from '../src/phantom/patient.js';
import { median } from './compare.js';
import { startContender } from './contender.js';
import { findPeer } from './find-peer.js';
import { floorSeconds } from './floor.js';
import { measureMachine } from './machine.js';
import { setupOf, startingModelFile } from './programs.js';
import { phases, type VolumeRepetition, type VolumeWork } from './volume-work.js';
import { named } from './works.js';

const program = new Command('npm run volume --')
  .description('times the translation of a phantom of 240×240×155 voxels from file to file, by phase')
  .option('--base-channels <list>', 'base channels of the networks', '16,64')
  .option('--repetitions <n>', 'how often each width is timed', '5')
  .option('--threads <n>', 'threads on both sides', String(availableParallelism()))
  .option('--no-peer', 'without the network in PyTorch')
  .option('--python <command>', 'a Python that has PyTorch', 'python3')
  .parse();
const options = program.opts<{
  baseChannels: string;
  repetitions: string;
  threads: string;
  peer: boolean;
  python: string;
}>();
const repetitions = wholeNumber('--repetitions', options.repetitions, 1, 1000);
const threads = wholeNumber('--threads', options.threads, 1, 1024);
const widths = options.baseChannels.split(',').map((text) => wholeNumber('--base-channels', text, 1, 1024));

const rates = await measureMachine(threads);
const peerCommand = options.peer ? findPeer(options.python) : null;
const folder = await mkdtemp(join(tmpdir(), 'utad-bench-'));
try {
  const volume = join(folder, 'phantom_t1.nii.gz');
  const patient = generatePatient(1, 0, { spacingMm: 1, cranium: drawAverageCranium() });
  await writeVolumeFile(volume, patient.volumes['t1']!, { datatype: 'int16' });
  console.log(
    `${threads} threads, matrix product ${(rates.flopsPerSecond / 1e9).toFixed(0)} GFLOP/s; seconds, and of the processor\n`,
  );
  console.log(
    `| base channels | ${phases.join(' | ')} | all | network, PyTorch | ratio | floor | peak MiB |`,
  );
  console.log(`|---|${'---|'.repeat(phases.length + 5)}`);
  for (const features of widths) console.log(await rowOf(features, volume));
} finally {
  await rm(folder, { recursive: true });
}

/** One width's row: medians over repetitions in which both sides take turns. */
async function rowOf(features: number, volume: string): Promise<string> {
  const size = { features, side: 128, batch: 4, threads };
  const model = join(folder, `f${features}.onnx`);
  const network = named({ kind: 'translation', ...size, slices: 1, device: 'cpu' });
  await writeFileAtomic(model, startingModelFile(setupOf(network)));
  const out = join(folder, 'made.nii.gz');
  const work: VolumeWork = { name: `volume f${features}`, model, volume, out, threads };
  const worker = fileURLToPath(new URL('volume-worker.js', import.meta.url));
  const ours = await startContender<VolumeRepetition>(process.execPath, [worker], work);
  const first = await ours.repeat();
  const whole = { ...network, slices: first.slices };
  const peer = peerCommand && (await startContender(peerCommand[0], peerCommand.slice(1), whole));
  const rounds: { own: VolumeRepetition; theirs: number | null }[] = [];
  try {
    for (let i = 0; i < repetitions; i++)
      rounds.push({ own: await ours.repeat(), theirs: peer ? (await peer.repeat()).seconds : null });
  } finally {
    await Promise.all([ours.close(), peer?.close()]);
  }
  const own = rounds.map((round) => round.own);
  const cell = (of: (one: VolumeRepetition['seconds']) => number): string =>
    `${median(own.map((one) => of(one.seconds))).toFixed(2)} (${median(own.map((one) => of(one.processorSeconds))).toFixed(2)})`;
  const theirs = rounds.flatMap((round) => round.theirs ?? []);
  const cells = [
    String(features),
    ...phases.map((phase) => cell((one) => one[phase])),
    cell((one) => phases.reduce((sum, phase) => sum + one[phase], 0)),
    theirs.length === 0 ? '' : median(theirs).toFixed(2),
    theirs.length === 0
      ? ''
      : median(rounds.map((round) => round.own.seconds.network / round.theirs!)).toFixed(2),
    floorSeconds(whole, rates).toFixed(2),
    (Math.max(...own.map((one) => one.peakBytes)) / 2 ** 20).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}
