import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { fail } from '../base/errors.js';
import { contentOfFileName } from '../datasets/file-name.js';
import { describeGrid } from '../imaging/geometry.js';
import type { Volume } from '../imaging/volume.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/volume-file.node.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import { modalityIndex, translateVolume } from '../translate/translate-volume.js';
import { wholeNumber } from './options.js';
import { createProgress } from './progress.js';

interface TranslateCommandOptions {
  readonly to: string;
  readonly model: string;
  readonly out: string;
  readonly from?: string;
  readonly device: string;
  readonly threads?: string;
  readonly datatype: 'float32' | 'int16';
  readonly force?: boolean;
}

/** Adds `utad translate <volume>`: one missing modality of a patient, or all of them. */
export function addTranslateCommand(program: Command): void {
  program
    .command('translate')
    .description('makes a missing modality of a patient from one that is there')
    .argument('<volume>', 'skull-stripped volume, .nii or .nii.gz')
    .requiredOption('--to <modality>', 'modality to make, or `all` others')
    .requiredOption('--model <file>', 'model file, .onnx')
    .requiredOption('--out <path>', 'file to write, .nii or .nii.gz; with `--to all` a folder')
    .option('--from <modality>', 'modality of the volume; taken from a BraTS file name when left out')
    .option('--device <name>', 'cpu, auto (the fastest that agrees with it), or a device by name', 'cpu')
    .option('--threads <number>', 'threads on the CPU; all cores when left out')
    .addOption(
      new Option('--datatype <type>', 'how voxels are stored')
        .choices(['float32', 'int16'])
        .default('float32'),
    )
    .option('--force', 'overwrite files that are there already')
    .addHelpText('after', '\nWhat comes out is synthetic: for research, not for diagnosis.')
    .action(translate);
}

async function translate(path: string, options: TranslateCommandOptions): Promise<void> {
  const threads =
    options.threads === undefined ? {} : { threads: wholeNumber('--threads', options.threads, 1, 256) };
  if (options.to !== 'all') requireNiftiName(options.out);
  const volume = await readVolumeFile(path);
  const model = await loadModel(options.model, { device: options.device, ...threads });
  try {
    const { modalities } = model.metadata.model;
    const source = sourceModality(path, modalities, options.from);
    const outputs = await plannedOutputs(path, modalities, source, options);
    for (const { target, out } of outputs)
      await translateTo(target, out, source, volume, model, path, options);
  } finally {
    await model.close();
  }
}

async function translateTo(
  target: string,
  out: string,
  source: string,
  volume: Volume,
  model: LoadedModel,
  path: string,
  { datatype }: TranslateCommandOptions,
): Promise<void> {
  const { low, high } = model.metadata.valueRanges[target]!;
  if (datatype === 'int16' && high - low < 50) {
    fail('bad-argument', {
      where: '--datatype int16',
      expected: 'a model whose values span at least 50 whole numbers',
      got: `${low} to ${high} for ${target}`,
      todo: 'Write float32.',
    });
  }
  const started = performance.now();
  let progress: ReturnType<typeof createProgress> | undefined;
  const made = await translateVolume(volume, {
    model,
    source,
    target,
    where: path,
    onProgress: (done, total) => {
      progress ??= createProgress(`${source} → ${target}`, total);
      progress.update(done, 'slices');
    },
  });
  progress?.end();
  await writeVolumeFile(out, made, {
    datatype,
    description: `synthetic ${target} from ${source}, utad-net ${model.metadata.codeVersion}`,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const range = rangeOf(made.data).map((value) => Number(value.toPrecision(4)));
  console.log(
    `${pc.bold(out)}: synthetic ${target} from ${source}, ${describeGrid(made)}, ` +
      `values ${range.join(' to ')}, ${seconds} s on ${model.device}`,
  );
}

function sourceModality(path: string, modalities: readonly string[], given: string | undefined): string {
  if (given !== undefined) {
    modalityIndex(modalities, given, '--from');
    return given;
  }
  const recognised = contentOfFileName(basename(path));
  if (recognised !== undefined && modalities.includes(recognised)) return recognised;
  return fail('bad-argument', {
    where: path,
    expected: `a file name that ends in one of ${modalities.map((name) => `_${name}`).join(', ')}`,
    got:
      recognised === undefined
        ? 'one that does not say its modality'
        : `${recognised}, which the model does not know`,
    todo: 'Say what the volume is with --from.',
  });
}

interface PlannedOutput {
  readonly target: string;
  readonly out: string;
}

/** Refuses what cannot be written before anything is computed. */
async function plannedOutputs(
  path: string,
  modalities: readonly string[],
  source: string,
  { to, out, force }: TranslateCommandOptions,
): Promise<readonly PlannedOutput[]> {
  if (to !== 'all') modalityIndex(modalities, to, '--to');
  if (to === source) {
    fail('bad-argument', {
      where: '--to',
      expected: `another modality than ${source}, which the volume is already`,
      got: to,
    });
  }
  // Files of a whole folder are named such that no data set reader takes them for scans.
  const name = basename(path).replace(/\.nii(\.gz)?$/i, '');
  const stem = contentOfFileName(basename(path)) === undefined ? name : name.replace(/[_-][a-z0-9]+$/i, '');
  const planned =
    to === 'all'
      ? modalities
          .filter((one) => one !== source)
          .map((target) => ({ target, out: join(out, `${stem}_${target}-synthetic.nii.gz`) }))
      : [{ target: to, out }];
  for (const one of planned) {
    if (resolve(one.out) === resolve(path))
      fail('bad-argument', { where: '--out', expected: 'another file than the volume itself', got: one.out });
    if (force !== true && (await exists(one.out))) {
      fail('bad-argument', {
        where: one.out,
        expected: 'no file there yet',
        got: 'one',
        todo: 'Choose another name, or overwrite it with --force.',
      });
    }
  }
  return planned;
}

function requireNiftiName(out: string): void {
  if (/\.nii(\.gz)?$/i.test(out)) return;
  fail('bad-argument', { where: '--out', expected: 'a name that ends in .nii or .nii.gz', got: out });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Least and largest value that is not background. */
function rangeOf(data: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value === 0) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}
