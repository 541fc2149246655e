import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The installed Chromium: CHROME_PATH, or one on the path; null when there is none. */
export function findChromium(): string | null {
  const given = process.env['CHROME_PATH'];
  if (given !== undefined) return existsSync(given) ? given : null;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find((place) => existsSync(place)) ?? null;
}

/** SwiftShader's Vulkan manifest, which comes with Chromium; null where there is none. */
export function findSwiftShader(): string | null {
  const chromium = findChromium();
  const folders = [
    '/usr/lib/chromium',
    '/opt/google/chrome',
    ...(chromium === null ? [] : [dirname(chromium)]),
  ];
  const places = folders.map((folder) => join(folder, 'vk_swiftshader_icd.json'));
  return places.find((place) => existsSync(place)) ?? null;
}

/** Flags of a Chromium that computes in software, also as root, and asks nothing of the network. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];
