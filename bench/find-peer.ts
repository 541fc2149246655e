import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sides } from './compare.js';

const peerScript = fileURLToPath(new URL('../../bench/peer.py', import.meta.url));

/** PyTorch, or null with a word on how to get it. */
export function findPeer(python: string): Sides['peer'] {
  for (const command of [python, '/usr/bin/python3']) {
    if (spawnSync(command, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0)
      return [command, peerScript];
  }
  console.error(
    'PyTorch is not here, its column stays empty: apt-get install python3-torch, or pip install torch.',
  );
  return null;
}
