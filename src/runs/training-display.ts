import type { Progress } from '../base/progress-display.js';
import { noticeColours } from '../terminal/colours.js';
import { createProgress, say } from '../terminal/progress.js';
import type { TrainingObserver } from '../training/observer.js';
import { writeSampleSheet } from './write-sample-sheet.js';

/** How the training of a method is shown. */
interface DisplayOptions {
  /** In the place of the method's name. */
  readonly label?: string;
  /** The run's folder, where sample sheets are to be written. */
  readonly samplesIn?: string;
}

/** A progress line with losses and the last validation, for methods of any kind. */
export function trainingDisplay({ label, samplesIn }: DisplayOptions = {}): TrainingObserver {
  let bar: Progress | null = null;
  let latest = '';
  const totals = new Map<string, string>();
  return {
    onBegin: (method, from, iterations) => {
      const name = label ?? method;
      [latest] = [''];
      totals.clear();
      bar = createProgress(name, iterations, { unit: 'iterations', alreadyDone: from });
      if (from > 0) say(`${name}: continues after iteration ${from} of ${iterations}`);
    },
    onStep: (_, iteration, losses) => {
      for (const [column, value] of Object.entries(losses))
        if (column.endsWith('.total')) totals.set(column.slice(0, -'.total'.length), value.toFixed(2));
      const said = [...totals].map(([update, total]) => `${update} ${total}`);
      bar?.update(iteration, [...said, latest].join(' '));
    },
    onNotice: (text) => {
      bar?.end();
      say(`${noticeColours.yellow('warning')}: ${text}`);
    },
    onValidation: async (method, iteration, { text, samples, best }) => {
      latest = text;
      bar?.end(`${label ?? method} ${iteration}: validation ${text}${best ? ' (best so far)' : ''}`);
      if (samplesIn !== undefined) await writeSampleSheet(samplesIn, method, iteration, samples);
    },
  };
}
