// Builds the viewer's page into dist/web, after the command line: bundle, ONNX Runtime's files, example patient,
// models with their list, licences. Does nothing when nothing that it is made of has changed.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'dist/web');
const stamp = join(page, '.stamp');

/** ONNX Runtime's files for WebAssembly (14 MB) and WebGPU (27 MB): the page fetches the one that it needs. */
const runtimeFiles = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.wasm`,
]);

/** Packages of which something is in the page. */
const bundled = [
  '@bufbuild/protobuf',
  '@cornerstonejs/codec-charls',
  '@cornerstonejs/codec-libjpeg-turbo-8bit',
  '@cornerstonejs/codec-openjpeg',
  '@preact/signals',
  'fastest-levenshtein',
  'fflate',
  'onnxruntime-web',
  'preact',
  'zod',
];

const wanted = await fingerprint([
  'web',
  'src',
  'scripts/build-page.mjs',
  'package-lock.json',
  'package.json',
  'models',
]);
if ((await readFile(stamp, 'utf8').catch(() => '')) !== wanted) {
  await build({ configFile: join(root, 'web/vite.config.node.ts'), logLevel: 'error' });
  for (const name of runtimeFiles)
    await cp(join(root, 'node_modules/onnxruntime-web/dist', name), join(page, 'onnxruntime', name));
  await cp(await examplePatient(), join(page, 'example'), { recursive: true });
  await mkdir(join(page, 'models'), { recursive: true });
  await writeFile(join(page, 'models/manifest.json'), JSON.stringify({ models: await putModels() }));
  await writeFile(join(page, 'licences.txt'), await licences());
  await writeFile(stamp, wanted);
}

/**
 * A phantom patient at 2 mm that no data set of `utad phantom` with its usual seed holds, so that no model of the demo
 * has learnt from it. Made once and kept while its generator stays the same.
 */
async function examplePatient() {
  const key = await fingerprint(['src/phantom', 'src/imaging/formats/nifti/write.ts']);
  const folder = join(root, 'build', `example-105-${key.slice(0, 12)}`);
  if (await stat(join(folder, 'Phantom_105_seg.nii.gz')).catch(() => undefined)) return folder;
  const { generatePatient } = await load('phantom/patient.js');
  const { writeNifti } = await load('imaging/formats/nifti/write.js');
  const { id, volumes, mask } = generatePatient(7, 104, { spacingMm: 2 });
  await mkdir(folder, { recursive: true });
  for (const [name, volume] of Object.entries({ ...volumes, seg: mask })) {
    const description = 'utad-net phantom, not a patient';
    const bytes = writeNifti(volume, { gzip: true, datatype: 'int16', description });
    await writeFile(join(folder, `${id}_${name}.nii.gz`), bytes);
  }
  return folder;
}

/**
 * Copies the models that ship, and their cards as text that any host shows. @returns the page's list of them, the
 * smallest first: it is taken without asking, and in a browser it should be quick.
 */
async function putModels() {
  const { shippedModels } = await load('translate/shipped-models.node.js');
  const { readModelMetadata } = await load('translate/read-model.js');
  const list = [];
  for (const { name, path } of await shippedModels()) {
    const file = `${name}.onnx`;
    const card = join(root, 'models', `${name}.md`);
    const hasCard = (await stat(card).catch(() => undefined)) !== undefined;
    const metadata = readModelMetadata(await readFile(path), path);
    // The page has no masks to give a teacher.
    if (metadata.model.tumourMask) continue;
    await cp(path, join(page, 'models', file));
    if (hasCard) await cp(card, join(page, 'models', `${name}.txt`));
    list.push({ name: file, file, metadata, ...(hasCard ? { card: `${name}.txt` } : {}) });
  }
  return list;
}

/** A module of the command line, which is built already. */
function load(path) {
  return import(pathToFileURL(join(root, 'dist', path)).href);
}

async function licences() {
  const texts = [];
  for (const name of bundled) {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((one) => /^(licen[cs]e|copying)/i.test(one));
    const text = file ? await readFile(join(folder, file), 'utf8') : '';
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** A hash of all files below some paths. */
async function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    const full = join(root, path);
    const found = await stat(full).catch(() => undefined);
    if (found === undefined) continue;
    const names = found.isFile()
      ? ['']
      : (await readdir(full, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
          .map((entry) => join(entry.parentPath, entry.name).slice(full.length + 1))
          .sort();
    for (const name of names) hash.update(`${path}/${name}\0`).update(await readFile(join(full, name)));
  }
  return hash.digest('hex');
}
