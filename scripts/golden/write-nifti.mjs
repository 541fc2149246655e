// Reads every file of test/golden/nifti with the built program and writes it again, for scripts/check-nifti.py.
// npm run build && node scripts/golden/write-nifti.mjs <folder>
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const [folder, built = 'dist'] = argv.slice(2);
if (folder === undefined)
  throw new Error('node scripts/golden/write-nifti.mjs <folder> [built program, dist]');
const program = pathToFileURL(join(process.cwd(), built, 'imaging/'));
const { readVolumeFile, writeVolumeFile } = await import(new URL('volume-file.node.js', program).href);
const golden = new URL('../../test/golden/nifti/', import.meta.url);
const facts = JSON.parse(readFileSync(new URL('facts.json', golden), 'utf8'));

mkdirSync(folder, { recursive: true });
const volumes = {};
for (const name of readdirSync(golden).filter((one) => /\.(nii|hdr)\b/.test(one))) {
  const volumeIndex = facts[name].shape.slice(3).reduce((product, size) => product * size, 1) - 1;
  const volume = await readVolumeFile(new URL(name, golden).pathname, { volumeIndex });
  await writeVolumeFile(join(folder, `${name}.nii`), volume);
  volumes[name] = volumeIndex;
}
writeFileSync(join(folder, 'volumes.json'), JSON.stringify(volumes));
