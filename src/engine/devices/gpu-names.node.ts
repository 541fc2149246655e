import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const makers: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/**
 * Graphics cards that the Linux kernel tells of: NVIDIA's driver by name, others by maker and device number.
 *
 * @param root of the file system; another one in tests
 * @returns an empty list where there is none, and on other systems
 */
export function gpuNames(root = '/'): string[] {
  const nvidia = join(root, 'proc/driver/nvidia/gpus');
  const named = listed(nvidia).flatMap((name) => {
    const text = textOf(join(nvidia, name, 'information'));
    return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? [];
  });
  const cards = join(root, 'sys/class/drm');
  const numbered = listed(cards)
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((name) => {
      const [maker, device] = ['vendor', 'device'].map((file) =>
        textOf(join(cards, name, 'device', file)).trim(),
      ) as [string, string];
      if (maker === '' || (makers[maker] === 'NVIDIA' && named.length > 0)) return [];
      return [`${makers[maker] ?? `maker ${maker}`} ${device}`];
    });
  return [...named, ...numbered];
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
