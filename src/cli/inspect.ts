import type { DataSet } from '../datasets/data-set.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { type DataSetInspection, inspectDataSet } from '../datasets/inspect-data-set.node.js';
import { type CaseInspection, inspectionStatus, type Problem } from '../datasets/inspection.js';
import { outputColours } from '../terminal/colours.js';
import { createProgress } from '../terminal/progress.js';
import { textTable } from '../terminal/text-table.js';

interface InspectCommandOptions extends DataSetFlags {
  readonly json?: boolean;
  readonly headers?: boolean;
  readonly strict?: boolean;
}

export async function inspect(folder: string, options: InspectCommandOptions): Promise<void> {
  const dataSet = await findCases(folder, dataSetOptions(options));
  const progress = createProgress('inspect', dataSet.cases.length, { unit: 'patients' });
  const found = await inspectDataSet(dataSet, {
    headersOnly: options.headers === true,
    onProgress: (done, id) => progress.update(done, id),
  });
  progress.end();
  console.log(options.json ? JSON.stringify(report(dataSet, found), null, 2) : text(dataSet, found));
  if (count(found, 'error') > 0) process.exitCode = inspectionStatus.error;
  else if (options.strict && count(found, 'warning') > 0) process.exitCode = inspectionStatus.warning;
}

function report(dataSet: DataSet, { cases, problems }: DataSetInspection): object {
  const all = [...problems, ...cases.flatMap((one) => one.problems)];
  return {
    layout: dataSet.layout,
    because: dataSet.because,
    modalities: dataSet.modalities,
    patients: cases.map((one) => ({
      ...one,
      mask: one.mask ?? null,
      size: one.size ?? null,
      spacingMm: one.spacingMm ?? null,
      orientation: one.orientation ?? null,
      labels: one.labels ?? null,
      labelsMl: one.labelsMl ?? null,
      convention: one.convention ?? null,
      regionsMl: one.regionsMl ?? null,
    })),
    general: problems,
    problems: all.length,
    errors: all.filter(({ severity }) => severity === 'error').length,
  };
}

function text(dataSet: DataSet, found: DataSetInspection): string {
  const problems = [
    ...found.problems.map((problem) => problemLine('data set', problem)),
    ...found.cases.flatMap(({ id, problems: some }) => some.map((problem) => problemLine(id, problem))),
  ];
  return [
    `${outputColours.bold(dataSet.layout)}: ${dataSet.because}`,
    '',
    table(dataSet.modalities, found.cases),
    '',
    ...problems,
    ...(problems.length > 0 ? [''] : []),
    summary(found),
  ].join('\n');
}

function table(modalities: readonly string[], found: readonly CaseInspection[]): string {
  const heads = ['patient', ...modalities, 'mask', 'size', 'spacing mm', 'axes', 'labels', 'convention'];
  const rows = found.map((one) => [
    one.id,
    ...modalities.map((name) => (one.modalities[name] === undefined ? '–' : '✓')),
    one.mask === undefined ? '–' : '✓',
    one.size?.join('×') ?? '?',
    one.spacingMm?.map((mm) => Number(mm.toFixed(3))).join('×') ?? '?',
    one.orientation ?? '?',
    one.labels?.slice(0, 8).join(' ') ?? '–',
    one.convention ?? '–',
  ]);
  return textTable(heads, rows, { align: 'left' });
}

function problemLine(about: string, { severity, text }: Problem): string {
  return `${severity === 'error' ? outputColours.red('error  ') : outputColours.yellow('warning')}  ${about}: ${text}`;
}

function count({ cases, problems }: DataSetInspection, severity: Problem['severity']): number {
  return [...problems, ...cases.flatMap((one) => one.problems)].filter((one) => one.severity === severity)
    .length;
}

function summary(found: DataSetInspection): string {
  const named = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${named(found.cases.length, 'patient')}, ${named(count(found, 'error'), 'error')}, ${named(count(found, 'warning'), 'warning')}.`;
}
