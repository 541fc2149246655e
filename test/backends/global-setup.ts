import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.js';

/** Gets a Chromium where that is possible, and says what is skipped where it is not. */
export default function setup(): void {
  if (findChromium() === null && process.platform === 'linux')
    spawnSync(fileURLToPath(new URL('../../scripts/get-chromium.sh', import.meta.url)), { stdio: 'inherit' });
  if (findChromium() === null)
    process.stderr.write('No Chromium (CHROME_PATH can name one): tests of browsers are skipped\n');
}
