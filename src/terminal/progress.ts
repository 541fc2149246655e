import { progressWhenKnown, type StartProgress } from '../base/progress-display.js';
import { createEstimate } from './create-estimate.js';

const barWidth = 24;
const plainIntervalMs = 15_000;

/** Starts a progress display on standard error: one redrawn line on a terminal, a plain line now and then otherwise. */
export const createProgress: StartProgress = (label, total, { unit = '', alreadyDone = 0 } = {}) => {
  const out = process.stderr;
  const secondsLeft = createEstimate(total, alreadyDone);
  let lastDrawn = 0;
  let saidLast = false;

  const update = (done: number, text = ''): void => {
    const now = Date.now();
    const finished = done >= total;
    const left = secondsLeft(done, now);
    // Several workers may each report the last unit: a plain line about it is said once.
    if (now - lastDrawn < (out.isTTY ? 100 : plainIntervalMs) && !finished) return;
    if (finished && saidLast && !out.isTTY) return;
    saidLast = finished;
    lastDrawn = now;
    const count = `${Math.floor(done + 1e-6)}/${total}${unit === '' ? '' : ` ${unit}`}`;
    const rest = [
      ...(finished || left === null ? [] : [`, ${formatDuration(left)} left`]),
      ...(text === '' ? [] : [`: ${text}`]),
    ].join('');
    if (out.isTTY) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(share * barWidth);
      const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
      out.write(`\r\u001b[2K${`${label} ${bar} ${count}${rest}`.slice(0, (out.columns || 100) - 1)}`);
    } else {
      out.write(`${label} ${count}${rest}\n`);
    }
  };

  return {
    update,
    end: (text) => {
      if (out.isTTY) out.write('\r\u001b[2K');
      if (text !== undefined) out.write(`${text}\n`);
    },
  };
};

/** A progress display that begins when the total is known and ends when all is done. */
export function progressOf(
  label: string,
  unit?: string,
): (done: number, total: number, text?: string) => void {
  return progressWhenKnown(createProgress, label, unit);
}

/** Seconds as people say them: `45 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Writes a line to standard error. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
