/**
 * DICOM in, DICOM out:
 *
 *     node watcher/main.js inbox outbox --to flair,t2 [--model model.onnx] [--skull-strip network.onnx] [--settle 10]
 *
 * Copy a patient's DICOM folder into the inbox; what the patient lacks appears in the outbox as series of the same study,
 * marked as synthetic. Ctrl-C ends it with nothing half-written.
 */
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, loadSkullStripper, shippedModel, UtadError } from 'utad-net';
import { watchInbox } from './watch.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string', default: 'flair' },
    model: { type: 'string' },
    'skull-strip': { type: 'string' },
    settle: { type: 'string', default: '10' },
  },
});
const [inbox, outbox] = positionals;
if (!inbox || !outbox) {
  console.error('Usage: node watcher/main.js <inbox> <outbox> --to flair,t2 [--model …] [--skull-strip …]');
  process.exit(2);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const modelFile = values.model ?? (await shippedModel());
  const model = await loadModel(modelFile);
  const stripper = values['skull-strip'] ? await loadSkullStripper(values['skull-strip']) : undefined;
  const targets = values.to.split(',');
  const unknown = targets.find((name) => !model.metadata.model.modalities.includes(name));
  if (unknown !== undefined) {
    const expected = `some of ${model.metadata.model.modalities.join(', ')}`;
    throw new UtadError('bad-argument', { where: '--to', expected, got: unknown });
  }
  await mkdir(inbox, { recursive: true });
  await mkdir(outbox, { recursive: true });
  const settleMs = 1000 * Number(values.settle);
  console.log(`Watching ${inbox}. Ctrl-C ends it.`);
  await watchInbox({
    inbox,
    outbox,
    targets,
    model,
    modelName: basename(modelFile, '.onnx'),
    ...(stripper ? { skullStripper: stripper } : {}),
    settleMs,
    intervalMs: Math.min(2000, settleMs / 2),
    signal: stop.signal,
    say: (line) => console.log(line),
  });
  await stripper?.close();
  await model.close();
} catch (error) {
  if (!(error instanceof UtadError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
