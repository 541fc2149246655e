import type { Command } from 'commander';
import pc from 'picocolors';
import { findBratsCases } from '../datasets/brats.node.js';
import { bratsModalities } from '../datasets/case.js';
import { inspectCases } from '../datasets/inspect-case.node.js';
import type { CaseInspection } from '../datasets/inspection.js';
import { createProgress } from './progress.js';

/** Adds `utad inspect <data set>`: what a data set holds and what is wrong with it. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('lists the patients of a data set, their modalities, geometry, labels and every problem')
    .argument('<data set>', 'folder with one folder per patient, named as in BraTS')
    .option('--json', 'prints JSON instead of a table')
    .addHelpText(
      'after',
      '\nExit status: 0, or 1 when a problem prevents use (unreadable, not on one grid, not skull-stripped).',
    )
    .action(async (folder: string, options: { readonly json?: boolean }) => {
      const cases = await findBratsCases(folder);
      const progress = createProgress('inspect', cases.length);
      const found = await inspectCases(cases, bratsModalities, (done, id) => progress.update(done, id));
      progress.end();
      console.log(options.json ? JSON.stringify(report(found), null, 2) : table(found));
      if (found.some(({ problems }) => problems.some(({ severity }) => severity === 'error')))
        process.exitCode = 1;
    });
}

function report(found: readonly CaseInspection[]): object {
  return {
    layout: 'brats',
    patients: found.map((one) => ({
      ...one,
      mask: one.mask ?? null,
      size: one.size ?? null,
      spacingMm: one.spacingMm ?? null,
      orientation: one.orientation ?? null,
      labels: one.labels ?? null,
      convention: one.convention ?? null,
    })),
    problems: found.reduce((sum, { problems }) => sum + problems.length, 0),
  };
}

const heads = ['patient', ...bratsModalities, 'mask', 'size', 'spacing mm', 'axes', 'labels', 'convention'];

function table(found: readonly CaseInspection[]): string {
  const rows = found.map((one) => [
    one.id,
    ...bratsModalities.map((name) => (one.modalities[name] === undefined ? '–' : '✓')),
    one.mask === undefined ? '–' : '✓',
    one.size?.join('×') ?? '?',
    one.spacingMm?.map((mm) => Number(mm.toFixed(3))).join('×') ?? '?',
    one.orientation ?? '?',
    one.labels?.slice(0, 8).join(' ') ?? '–',
    one.convention ?? '–',
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const problems = found.flatMap(({ id, problems: some }) =>
    some.map(({ severity, text }) => {
      const label = severity === 'error' ? pc.red('error  ') : pc.yellow('warning');
      return `${label}  ${id}: ${text}`;
    }),
  );
  return [
    pc.bold(line(heads)),
    ...rows.map(line),
    '',
    ...problems,
    ...(problems.length > 0 ? [''] : []),
    summary(found),
  ].join('\n');
}

function summary(found: readonly CaseInspection[]): string {
  const count = (severity: string): number =>
    found.reduce((sum, { problems }) => sum + problems.filter((one) => one.severity === severity).length, 0);
  const conventions = new Set(found.map(({ convention }) => convention));
  const mixed =
    conventions.has('brats-2021') && conventions.has('brats-2023')
      ? ' Both label conventions occur (enhancing tumour 4 and 3); the whole tumour is the same in both.'
      : '';
  const named = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${named(found.length, 'patient')}, ${named(count('error'), 'error')}, ${named(count('warning'), 'warning')}.${mixed}`;
}
