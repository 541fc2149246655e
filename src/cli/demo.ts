import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { writeFileAtomic } from '../base/files.node.js';
import { evaluationSections } from '../evaluate/evaluation-page.js';
import { escapeHtml } from '../report/escape-html.js';
import { html, htmlPage, paragraph } from '../report/html-page.js';
import { evaluate } from './evaluate.js';
import { learningCurves } from './learning-curves.js';
import { addPhantomCommand } from './phantom.js';
import { formatDuration } from './progress.js';
import { readRunRecord } from './run-folder.js';
import { addTrainCommand } from './train.js';
import { addTranslateCommand } from './translate.js';

interface DemoOptions {
  readonly out: string;
  readonly patients: string;
  readonly iterations: string;
}

/** Adds `utad demo`: the whole line on phantom patients, with a page that shows what came out. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('trains on phantom patients, translates a held-out one and shows the result as a page')
    .option('--out <folder>', 'where everything goes; what an earlier demo left there is removed', 'demo')
    .option('--patients <n>', 'phantom patients; one in five is held out', '12')
    .option('--iterations <n>', 'critic updates of the teacher and of the student', '800')
    .action(demo);
}

async function demo({ out, patients, iterations }: DemoOptions): Promise<void> {
  const began = Date.now();
  const [dataSet, run, translated] = ['phantom', 'run', 'translated'].map((name) => join(out, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [dataSet, run, translated]) await rm(folder, { recursive: true, force: true });
  const done: string[] = [];
  const announce = (...args: string[]): void => {
    done.push(['utad', ...args].join(' '));
    console.error(pc.bold(`\n$ ${done.at(-1)}`));
  };
  const call = async (...args: string[]): Promise<void> => {
    announce(...args);
    const program = new Command('utad').exitOverride();
    for (const add of [addPhantomCommand, addTrainCommand, addTranslateCommand]) add(program);
    await program.parseAsync(['node', 'utad', ...args]);
  };

  await call('phantom', '--out', dataSet, '--patients', patients);
  await call('train', dataSet, '--out', run, '--preset', 'tiny', '--iterations', iterations);
  const model = join(run, 'model.onnx');
  const { validationCases, configuration } = await readRunRecord(run);
  const [patient, source] = [validationCases[0]!, configuration.modalities[0]!];
  const volume = join(dataSet, patient, `${patient}_${source}.nii.gz`);
  await call('translate', volume, '--to', 'all', '--model', model, '--out', translated);
  const evaluation = join(out, 'evaluation');
  announce('evaluate', dataSet, '--model', model, '--out', evaluation);
  const judged = await evaluate(dataSet, { model, out: evaluation, every: '4', device: 'cpu' });
  await copyFile(join(evaluation, 'report.json'), join(out, 'report.json'));
  const page = htmlPage({
    title: 'utad-net: the whole line on phantom patients',
    lead:
      `${patients} patients that never lived, of whom ${validationCases.length} were held out; ` +
      `a teacher and its student of ${configuration.features} features on ${configuration.sliceSide}×${configuration.sliceSide} slices, ` +
      `trained for ${iterations} critic updates each. All of it took ${formatDuration((Date.now() - began) / 1000)} on this machine.`,
    sections: [
      ...evaluationSections(judged),
      { heading: 'How it learnt', content: [await learningCurves(run, ['teacher', 'student'])] },
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
