import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failToWrite, writeFileAtomic } from '../base/files.node.js';
import type { JournalLine } from './journal.node.js';
import { encodeFileVersion, encodeScalars, type ScalarEvent, type Scalars } from './tensorboard.js';

/** Where a training's events for TensorBoard lie; it looks for `tfevents` in the name. */
export const eventPath = (folder: string): string => join(folder, 'events.out.tfevents.0.utad');

/** A training's journal as TensorBoard reads it. */
interface EventFile<Score> {
  readonly append: (line: JournalLine<Score>) => Promise<void>;
}

/** How a journal is shown. */
interface EventOptions<Score> {
  /** When the training began, in seconds since 1970; a line's time is this and all seconds of updates before it. */
  readonly startedAt: number;
  readonly scalarsOf: (score: Score) => Scalars;
}

/**
 * Writes the events of the journal's lines anew and lets more follow: after a training was killed and resumed, the
 * file says what the journal says, and nothing twice.
 *
 * @throws UtadError io.
 */
export async function openEventFile<Score>(
  folder: string,
  lines: readonly JournalLine<Score>[],
  { startedAt, scalarsOf }: EventOptions<Score>,
): Promise<EventFile<Score>> {
  const path = eventPath(folder);
  let wallTime = startedAt;
  const eventOf = (line: JournalLine<Score>): ScalarEvent => {
    if (line.kind === 'step') wallTime += line.seconds;
    const scalars =
      line.kind === 'step'
        ? {
            ...Object.fromEntries(
              Object.entries(line.losses).map(([name, loss]) => [name.replace('.', '/'), loss]),
            ),
            'update/learningRate': line.learningRate,
            'update/seconds': line.seconds,
          }
        : scalarsOf(line.score);
    return { wallTime, step: line.iteration, scalars };
  };
  const records = [encodeFileVersion(startedAt), ...lines.map((line) => encodeScalars(eventOf(line)))];
  await writeFileAtomic(path, Buffer.concat(records));
  return {
    append: async (line) => {
      try {
        await appendFile(path, encodeScalars(eventOf(line)));
      } catch (cause) {
        failToWrite(path, cause);
      }
    },
  };
}
