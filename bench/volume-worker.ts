import { createInterface } from 'node:readline';
import { readVolumeFile, writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import { restoreVolume } from '../src/imaging/restore.js';
import { loadModel } from '../src/translate/model.node.js';
import { prepareSource } from '../src/translate/translate-volume.js';
import type { Phase, VolumeRepetition, VolumeWork } from './volume-work.js';

/** Translates a volume as `utad translate` does, whenever a line comes in; the first line is the work. */
async function serve(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const work = JSON.parse((await lines.next()).value as string) as VolumeWork;
  process.stdout.write('{"version":"utad-net"}\n');
  for (let line = await lines.next(); !line.done; line = await lines.next())
    process.stdout.write(`${JSON.stringify(await translate(work))}\n`);
}

async function translate({ model: path, volume: file, out, threads }: VolumeWork): Promise<VolumeRepetition> {
  const seconds = {} as Record<Phase, number>;
  const processorSeconds = {} as Record<Phase, number>;
  const timed = async <T>(phase: Phase, run: () => T | Promise<T>): Promise<T> => {
    const [began, before] = [performance.now(), process.cpuUsage()];
    const result = await run();
    const { user, system } = process.cpuUsage(before);
    seconds[phase] = (performance.now() - began) / 1000;
    processorSeconds[phase] = (user + system) / 1e6;
    return result;
  };
  const model = await timed('load', () => loadModel(path, { threads }));
  const [source, target] = model.metadata.model.modalities as [string, string];
  const volume = await timed('read', () => readVolumeFile(file));
  const prepared = await timed('prepare', () => prepareSource(volume, model.metadata, { source }));
  let slices = 0;
  const made = await timed('network', () =>
    model.translateSlices(prepared.slices, 0, 1, {
      onProgress: (_, total) => {
        slices = total;
      },
    }),
  );
  const range = model.metadata.valueRanges[target]!;
  const restored = await timed('restore', () => restoreVolume(made, prepared.record, range));
  await timed('write', () => writeVolumeFile(out, restored));
  await model.close();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds, processorSeconds, peakBytes, slices };
}

await serve();
