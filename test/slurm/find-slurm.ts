import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const usual = '/tmp/utad-slurm/slurm.conf';

/**
 * Finds a Slurm that answers, and points the commands at it: the one that UTAD_TEST_SLURM names by its slurm.conf, that
 * of SLURM_CONF, or the one that scripts/start-slurm.sh starts when no folder is given.
 *
 * @returns why there is none; null where there is one
 * @throws Error where UTAD_TEST_SLURM is set and nothing answers: whoever sets it wants the tests to run
 */
export function whyNoSlurm(): string | null {
  const wanted = process.env['UTAD_TEST_SLURM'];
  const file = wanted ?? process.env['SLURM_CONF'] ?? usual;
  const why = whyNot(file);
  if (why === null) process.env['SLURM_CONF'] = file;
  else if (wanted !== undefined) throw new Error(`UTAD_TEST_SLURM: ${why}`);
  return why;
}

function whyNot(file: string): string | null {
  if (!existsSync(file)) return `no Slurm here: no ${file}`;
  try {
    const env = { ...process.env, SLURM_CONF: file };
    const partitions = execFileSync('sinfo', ['-h', '-o', '%R'], { env, timeout: 15_000, stdio: 'pipe' })
      .toString()
      .split('\n');
    const lacking = ['main', 'urgent'].filter((name) => !partitions.includes(name));
    return lacking.length === 0 ? null : `the Slurm of ${file} has no partition ${lacking.join(', ')}`;
  } catch {
    return `no Slurm answers at ${file}`;
  }
}
