import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { shellLine } from '../base/shell-word.js';
import { packageVersion } from '../base/version.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { isOwnJson } from '../datasets/own-output.node.js';
import { evaluationSections } from '../evaluate/evaluation-page.js';
import { escapeHtml } from '../report/escape-html.js';
import { html, htmlPage, paragraph } from '../report/html-page.js';
import { learningCurves } from '../runs/learning-curves.js';
import { readTranslatorRecord, runPaths } from '../runs/run-folder.js';
import { translatorMethods } from '../runs/run-methods.js';
import { noticeColours } from '../terminal/colours.js';
import { formatDuration } from '../terminal/progress.js';
import { journalPath, readJournal } from '../training/journal.node.js';
import { addPhantomCommand } from './add-phantom-command.js';
import { addTrainCommand } from './add-train-command.js';
import { addTranslateCommand } from './add-translate-command.js';
import { evaluate } from './evaluate.js';

/** Holds every phantom's brain, and leaves less empty background than the 256 mm of the presets. */
const fieldOfViewMm = 208;

interface DemoOptions {
  readonly out: string;
  readonly patients: string;
  readonly iterations: string;
}

export async function demo({ out, patients, iterations }: DemoOptions): Promise<void> {
  const began = Date.now();
  const [dataSet, teacher, student, translated] = ['phantom', 'teacher', 'student', 'translated'].map(
    (name) => join(out, name),
  ) as [string, string, string, string];
  await requireOwnDemo(out, [dataSet, teacher, student, translated]);
  for (const folder of [dataSet, teacher, student, translated])
    await rm(folder, { recursive: true, force: true });
  const done: string[] = [];
  const announce = (...args: string[]): void => {
    done.push(shellLine(['utad', ...args]));
    console.error(noticeColours.bold(`\n$ ${done.at(-1)}`));
  };
  const call = async (...args: string[]): Promise<void> => {
    announce(...args);
    const program = new Command('utad').exitOverride();
    for (const add of [addPhantomCommand, addTrainCommand, addTranslateCommand]) add(program);
    await program.parseAsync(['node', 'utad', ...args]);
  };

  await call('phantom', '--out', dataSet, '--patients', patients);
  const updates = wholeNumber('--iterations', iterations, 2, 1e9);
  const fields = [
    'model.sliceSide=64',
    'model.baseChannels=8',
    'optimiser.learningRate=4e-3',
    `data.preparation.fieldOfViewMm=${fieldOfViewMm}`,
  ];
  const common = ['--preset', 'pairs', ...fields.flatMap((field) => ['--set', field])];
  const stages = [
    { stage: 'teacher', run: teacher, count: updates, more: [] },
    { stage: 'student', run: student, count: Math.ceil(updates / 2), more: ['--teacher', teacher] },
  ] as const;
  for (const { stage, run, count, more } of stages)
    await call(
      ...['train', dataSet, '--out', run, '--stage', stage, ...more, '--iterations', String(count)],
      ...['--set', `validation.every=${Math.ceil(count / 4)}`, ...common],
    );
  const model = join(student, 'model.onnx');
  const { validationCases, configuration } = await readTranslatorRecord(student);
  const [patient, source] = [validationCases[0]!, configuration.model.modalities[0]!];
  const volume = join(dataSet, patient, `${patient}_${source}.nii.gz`);
  await call('translate', volume, '--to', 'all', '--model', model, '--out', translated);
  const evaluation = join(out, 'evaluation');
  announce('evaluate', dataSet, '--model', model, '--out', evaluation);
  const judged = await evaluate(dataSet, { model, out: evaluation, every: '4', device: 'cpu', fit: 'none' });
  await writeFileAtomic(join(out, 'report.json'), await readFileBytes(join(evaluation, 'report.json')));
  const page = htmlPage({
    title: 'utad-net: the whole line on phantom patients',
    lead:
      `${patients} patients that never lived, of whom ${validationCases.length} were held out; ` +
      `a teacher and its student of ${configuration.model.baseChannels} features on ${configuration.model.sliceSide}×${configuration.model.sliceSide} slices, ` +
      `trained for ${stages[0].count} and ${stages[1].count} updates. All of it took ${formatDuration((Date.now() - began) / 1000)} on this machine.`,
    sections: [
      ...evaluationSections(judged),
      {
        heading: 'How it learnt',
        content: [learningCurves(await Promise.all(stages.map(({ run }) => journalled(run))))],
      },
      {
        heading: 'What was done',
        content: [
          html(`<pre>${escapeHtml(done.join('\n'))}</pre>`),
          paragraph(
            `The translated volumes of ${patient} lie in ${translated}, on the grid of their source.`,
          ),
        ],
      },
    ],
  });
  await writeFileAtomic(join(out, 'index.html'), page);
  console.log(
    `\n${join(out, 'index.html')} shows the result (${formatDuration((Date.now() - began) / 1000)}).`,
  );
}

/** Says that a folder is a demo's, which the next one may remove. */
const demoMark = 'demo.json';

/** Refuses to remove folders of these names that no demo made. */
async function requireOwnDemo(out: string, folders: readonly string[]): Promise<void> {
  const mark = join(out, demoMark);
  const foreign = folders.find((folder) => existsSync(folder));
  if (foreign !== undefined && !(await isOwnJson(mark)))
    refuse('exists', {
      where: foreign,
      problem: 'exists and was not written by utad demo',
      todo: 'Choose another --out.',
    });
  await writeJson(mark, { codeVersion: packageVersion() });
}

/** The method that a run trains, with its journal. */
async function journalled(run: string) {
  const [method] = translatorMethods(run, await readTranslatorRecord(run));
  const folder = runPaths.training(run, method.name);
  return { method, lines: await readJournal(journalPath(folder), method.validation.scoreSchema) };
}
