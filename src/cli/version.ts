import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprintOf } from './fingerprint.js';

/** The version in this package's own package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What the program's own files hold, as `sha256:<hex>`. */
export function codeFingerprint(): Promise<string> {
  return fingerprintOf(resolve(fileURLToPath(new URL('..', import.meta.url))));
}
