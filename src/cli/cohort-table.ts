import { countStatuses, type PatientSummary } from '../cohort/cohort-summary.js';
import { outputColours } from '../terminal/colours.js';

const colours: Readonly<Record<PatientSummary['status'], (text: string) => string>> = {
  translated: outputColours.green,
  kept: outputColours.dim,
  complete: outputColours.dim,
  failed: outputColours.red,
  stopped: outputColours.yellow,
};

/** Patients as a table, then errors and warnings, then the counts. */
export function cohortTable(patients: readonly PatientSummary[]): string {
  const width = Math.max(7, ...patients.map(({ id }) => id.length));
  const rows = patients.map(({ id, status, volumes, seconds }) => {
    const shown = volumes.map(({ modality, from, status: how }) => {
      const usual = status === 'stopped' ? how === 'stopped' : how === 'translated' || how === 'kept';
      const mark = usual ? '' : ` (${how})`;
      return `${modality} ← ${from}${mark}`;
    });
    const time = seconds === null || status === 'kept' ? '' : `${seconds.toFixed(1)} s`;
    const cells = [id.padEnd(width), colours[status](status.padEnd(10)), time.padStart(8), shown.join(', ')];
    return cells.join('  ').trimEnd();
  });
  const notes = patients.flatMap(({ id, messages, warnings }) => [
    ...messages.map((text) => `${outputColours.red('error  ')}  ${id}: ${text}`),
    ...warnings.map((text) => `${outputColours.yellow('warning')}  ${id}: ${text}`),
  ]);
  const counts = Object.entries(countStatuses(patients))
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const head = `${'patient'.padEnd(width)}  status        time  volumes`;
  return [
    outputColours.bold(head),
    ...rows,
    '',
    ...notes,
    ...(notes.length > 0 ? [''] : []),
    `${counts.join(', ')}.`,
  ].join('\n');
}
