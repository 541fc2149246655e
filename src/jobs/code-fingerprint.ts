import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprintOf } from '../datasets/fingerprint.node.js';

export { packageVersion } from '../base/version.node.js';

/** What the program's own files hold, as `sha256:<hex>`. */
export function codeFingerprint(): Promise<string> {
  return fingerprintOf(resolve(fileURLToPath(new URL('..', import.meta.url))));
}
