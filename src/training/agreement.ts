import { fail } from '../base/errors.js';
import { isRecord } from '../base/is-record.js';

/** Two accounts of the same thing. */
interface Accounts {
  /** What is to be continued, as its own record says it now. */
  readonly run: unknown;
  /** The same as it was when a checkpoint was written. */
  readonly checkpoint: unknown;
}

/**
 * Checks that a training is continued with what it was begun with.
 *
 * @param where the checkpoint's name
 * @throws UtadError bad-value, naming the first field that differs.
 */
export function requireAgreement(where: string, { run, checkpoint }: Accounts): void {
  const field = firstDifference(run, checkpoint, []);
  if (field === null) return;
  fail('bad-value', {
    where: `${where}: ${field.path.join('.')}`,
    expected: `${textOf(field.run)}, as the run says`,
    got: textOf(field.checkpoint),
    todo: 'The run was changed after it began. Put the old value back into its run.json, or start a new run.',
  });
}

interface Difference extends Accounts {
  readonly path: readonly string[];
}

function firstDifference(run: unknown, checkpoint: unknown, path: readonly string[]): Difference | null {
  if (isRecord(run) && isRecord(checkpoint)) {
    for (const name of new Set([...Object.keys(run), ...Object.keys(checkpoint)])) {
      const [own, other] = [run, checkpoint].map((one) => (Object.hasOwn(one, name) ? one[name] : undefined));
      const found = firstDifference(own, other, [...path, name]);
      if (found !== null) return found;
    }
    return null;
  }
  return JSON.stringify(run) === JSON.stringify(checkpoint) ? null : { path, run, checkpoint };
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'none';
}
