/// <reference types="vite/client" />
import modelAddress from 'utad-net/models/utad-brats-8.onnx?url';
import { loadModel, readNifti, translateVolume, writeNifti } from 'utad-net/web';

const form = document.querySelector('form')!;
const state = document.querySelector('#state')!;
// Whatever the package refuses on purpose says where, what it expected, what it got and what to do.
addEventListener('error', ({ message }) => state.replaceChildren(message));
addEventListener('unhandledrejection', ({ reason }) => state.replaceChildren((reason as Error).message));

// Tries processor and graphics card, and takes the faster of those that compute rightly.
const modelFile = new Uint8Array(await (await fetch(modelAddress)).arrayBuffer());
const model = await loadModel(modelFile, { runtimeFiles: new URL('onnxruntime/', document.baseURI).href });
for (const select of document.querySelectorAll('select'))
  select.append(...model.metadata.model.modalities.map((name) => new Option(name)));
state.replaceChildren(`Ready, on ${model.device}.`);

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const entries = new FormData(form);
  const [source, target] = [String(entries.get('source')), String(entries.get('target'))];
  const scan = entries.get('scan') as File;
  const volume = readNifti(new Uint8Array(await scan.arrayBuffer()), scan.name);
  const onProgress = (done: number, total: number) => state.replaceChildren(`${done} of ${total} slices`);
  // On the page's own thread, for brevity: a page that must answer meanwhile does this in a worker.
  const translated = await translateVolume(volume, { model, source, target, where: scan.name, onProgress });
  const description = `synthetic ${target} from ${source}, utad-net example`;
  const file = writeNifti(translated, { gzip: true, description }) as Uint8Array<ArrayBuffer>;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file], { type: 'application/gzip' }));
  link.download = link.textContent = `${target}-synthetic.nii.gz`;
  state.replaceChildren(link);
});
