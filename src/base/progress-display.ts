/** Shows how far a long task is. */
export interface Progress {
  /** Reports that `done` of the total are finished, in fractions where something is under way, with a short text. */
  readonly update: (done: number, text?: string) => void;
  /** Ends the display; with a text, leaves that text. */
  readonly end: (text?: string) => void;
}

/**
 * Starts to show a task's progress. Commands hand in the terminal's; what does the task knows no terminal.
 *
 * @param label what is being done, in two or three words
 * @param total how many units there are
 */
export type StartProgress = (label: string, total: number, options?: ProgressOptions) => Progress;

/** What a display of progress says besides. */
interface ProgressOptions {
  /** What is counted, in the plural: `patients`. */
  readonly unit?: string;
  /** Units finished by an earlier run: they count for the share and not for the speed. */
  readonly alreadyDone?: number;
}

/** A display that starts when the total is known and ends when all is done. */
export function progressWhenKnown(
  start: StartProgress,
  label: string,
  unit?: string,
): (done: number, total: number, text?: string) => void {
  let progress: Progress | null = null;
  return (done, total, text) => {
    progress ??= start(label, total, unit === undefined ? {} : { unit });
    progress.update(done, text);
    if (done === total) progress.end();
  };
}
