import { fail } from '../base/errors.js';

/** The folder that a new run learns from. @throws UtadError bad-argument when none was named. */
export function requireDataSet(command: string, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  return fail('bad-argument', {
    where: command,
    expected: 'a data set',
    got: 'none',
    todo: 'Name its folder, or continue a run with --resume.',
  });
}
