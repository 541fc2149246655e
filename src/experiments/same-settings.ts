import { join } from 'node:path';
import { fail } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { jsonText } from '../base/json.node.js';

/**
 * Notes in `settings.json` what decides long work when it begins; whoever goes on with it must ask for the same.
 *
 * @param work what the folder began with, for the message
 * @param other what is different then
 * @throws UtadError bad-argument.
 */
export async function requireSameSettings(
  out: string,
  settings: object,
  work: string,
  other: string,
): Promise<void> {
  const path = join(out, 'settings.json');
  const text = jsonText(settings);
  const known = await readFileBytes(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => null,
  );
  if (known === null) return writeFileAtomic(path, text);
  if (known === text) return;
  fail('bad-argument', {
    where: out,
    expected: work,
    got: other,
    todo: `Compare with ${path}, or choose another --out.`,
  });
}
