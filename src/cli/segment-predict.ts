import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fail, refuse, stop } from '../base/errors.js';
import { requireNewFile } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { protectScans, requireReplaceable } from '../base/protected-inputs.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import { writeMarked } from '../cohort/output/marked-file.js';
import { contentOfFileName } from '../datasets/brats-name.js';
import type { CaseFiles } from '../datasets/case.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { fileSafe } from '../datasets/output-layout.js';
import { isOwnJson } from '../datasets/own-output.node.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { sidecarOf } from '../datasets/synthetic.node.js';
import {
  defaultFormat,
  fileFormats,
  requireFileName,
  wholeFileEnding,
  withoutEnding,
  writtenEnding,
} from '../imaging/formats/formats.js';
import { volumeFileBytes, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { describeSource } from '../imaging/volume-source.js';
import { modalityAmong } from '../imaging/words/modality-name.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { maskVolumeMl } from '../metrics/mask-volume.js';
import { labelsFor, type WrittenLabels } from '../segmentation/label-map.js';
import { insideOf, maskGridOf } from '../segmentation/region-figures.js';
import { segmentPatient } from '../segmentation/segment-patient.js';
import { type LoadedSegmenter, loadSegmenterFile } from '../segmentation/segmenter.node.js';
import { progressOf } from '../terminal/progress.js';
import { sayNotes } from './data-set-notes.js';
import { stoppable } from './stoppable.js';

interface SegmentPredictOptions extends DataSetFlags {
  readonly model: string;
  readonly out: string;
  readonly writeLabels?: string;
  readonly probabilities?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly device: string;
  readonly threads?: string;
}

/** One patient to segment and where its label map goes. */
interface Prediction {
  readonly one: CaseFiles;
  readonly out: string;
}

export async function predict(paths: readonly string[], options: SegmentPredictOptions): Promise<void> {
  const threads =
    options.threads === undefined ? {} : { threads: wholeNumber('--threads', options.threads, 1, 256) };
  const segmenter = await loadSegmenterFile(options.model, { device: options.device, ...threads });
  try {
    const { model, labels, labelConvention } = segmenter.metadata;
    const written =
      options.writeLabels === undefined
        ? { name: labelConvention, labels }
        : labelsFor(model.regions, options.writeLabels);
    const predictions = await planned(paths, model.modalities, options);
    for (const { one, out } of predictions) await requireFree(one, out, model.regions, options);
    if (options.dryRun) {
      for (const { one, out } of predictions) console.log(`${one.id}: ${out}`);
      console.log(`${predictions.length} label maps; nothing was written`);
      return;
    }
    const hash = await modelHash(options.model);
    await stoppable('stopping after this patient', async (signal) => {
      const progress = progressOf('segmenting', 'patients');
      for (const [index, prediction] of predictions.entries()) {
        if (signal.aborted) stopAfter(index, predictions.length, signal);
        progress(index, predictions.length, prediction.one.id);
        console.log(await predictOne(prediction, segmenter, written, hash, options));
      }
      progress(predictions.length, predictions.length);
    });
  } finally {
    await segmenter.close();
  }
}

function stopAfter(done: number, of: number, { reason }: AbortSignal): never {
  const stopped = `after ${done} of ${of} patients`;
  const todo = 'run it again for those that are left, or for all with --force';
  return stop({ where: 'utad segment predict', stopped, todo }, { cause: reason });
}

async function predictOne(
  { one, out }: Prediction,
  segmenter: LoadedSegmenter,
  { name: convention, labels }: WrittenLabels,
  hash: string,
  { model: modelPath, probabilities: wanted }: SegmentPredictOptions,
): Promise<string> {
  const { model, recipe, codeVersion } = segmenter.metadata;
  const patient = await loadPreparedPatient(one, recipe, model.modalities);
  const found = await segmentPatient(patient, segmenter, labels);
  const grid = maskGridOf(found.labels);
  const volumes = model.regions.map(
    (region) => [region, maskVolumeMl(insideOf(found.probabilities[region]!.data), grid)] as const,
  );
  const given = Object.keys(patient.modalities);
  const missing = model.modalities.filter((name) => !given.includes(name));
  const sidecar = (fingerprint: string): object => ({
    Description: 'Tumour regions found by a network: for research, not for diagnosis.',
    Sources: given.map((name) => {
      const source = one.modalities[name]!;
      const path = relative(dirname(out), source.path).replaceAll('\\', '/');
      return describeSource({ ...source, path });
    }),
    utad: {
      format: 1,
      synthetic: true,
      kind: 'segmentation',
      given,
      missing,
      labels: { convention, ...labels },
      volumesMl: Object.fromEntries(volumes),
      model: { file: basename(modelPath), sha256: hash, codeVersion },
      codeVersion: packageVersion(),
      output: { file: basename(out), fingerprint },
      created: new Date().toISOString(),
    },
  });
  const description = `tumour regions (${convention}), utad-net ${packageVersion()}`;
  if (wanted)
    for (const region of model.regions)
      await writeVolumeFile(probabilityPath(out, region), found.probabilities[region]!, {
        datatype: 'float32',
        description: `probability of ${region}, utad-net ${packageVersion()}`,
      });
  const bytes = await volumeFileBytes(out, found.labels, { datatype: 'uint8', description });
  await writeMarked(out, bytes, (fingerprint) => writeJson(sidecarOf(out), sidecar(fingerprint)));
  const sizes = volumes.map(([region, ml]) => `${region} ${ml.toFixed(1)} ml`).join(', ');
  const lacking = missing.length === 0 ? '' : `, without ${missing.join(', ')}`;
  return `${out}: ${sizes} (from ${given.join(', ')}${lacking})`;
}

/** Refuses to overwrite scans, and anything else without `force`. */
async function requireFree(
  { modalities }: CaseFiles,
  out: string,
  regions: readonly string[],
  { force, probabilities }: SegmentPredictOptions,
): Promise<void> {
  await protectScans(Object.values(modalities).map(({ path }) => path));
  const maps = probabilities ? regions.map((region) => probabilityPath(out, region)) : [];
  const sidecar = sidecarOf(out);
  for (const file of [out, sidecar, ...maps]) await requireReplaceable(file);
  if (force) return;
  for (const file of [out, ...maps]) await requireNewFile(file);
  if (!(await isOwnJson(sidecar))) await requireNewFile(sidecar);
}

const probabilityPath = (out: string, region: string): string =>
  `${withoutEnding(out, fileFormats)}_probability-${region}${wholeFileEnding(out) ?? ''}`;

async function planned(
  paths: readonly string[],
  modalities: readonly string[],
  options: SegmentPredictOptions,
): Promise<Prediction[]> {
  const [first] = paths as [string];
  const folder = await stat(first).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!folder) {
    const needless = (['map', 'labels', 'includeSynthetic'] as const).find((name) => options[name]);
    if (needless !== undefined)
      refuse('bad-argument', {
        where: needless === 'includeSynthetic' ? '--include-synthetic' : `--${needless}`,
        problem: 'only applies to a folder of patients',
        todo: 'Leave it out.',
      });
    requireFileName('--out', options.out);
    return [{ one: caseOf(paths, modalities), out: options.out }];
  }
  if (paths.length > 1)
    fail('bad-argument', {
      where: 'paths',
      expected: 'one folder, or the volumes of one patient',
      got: paths.join(' '),
    });
  const dataSet = await findCases(first, dataSetOptions(options));
  sayNotes(dataSet);
  const { cases } = dataSet;
  const alone = cases.length === 1 && wholeFileEnding(options.out) !== undefined;
  return cases.map((one) => ({
    one,
    out: alone
      ? options.out
      : join(
          options.out,
          fileSafe(one.id),
          `${fileSafe(one.id)}_seg-predicted${writtenEnding(defaultFormat.name)}`,
        ),
  }));
}

/** A patient of volumes that are named one by one. */
function caseOf(paths: readonly string[], modalities: readonly string[]): CaseFiles {
  const named = paths.map((text) => {
    const given = /^([^=/\\]+)=(.+)$/.exec(text);
    const [said, path] = given ? [given[1]!, given[2]!] : [contentOfFileName(basename(text)), text];
    const name = said === undefined ? undefined : (modalityAmong(modalities, said) ?? said);
    if (name !== undefined && modalities.includes(name)) return [name, { path: resolve(path) }] as const;
    return fail('bad-argument', {
      where: text,
      expected: `a file name that surely says one of ${modalities.join(', ')}`,
      got:
        name === undefined
          ? 'one that does not surely say its modality'
          : `${name}, which the model does not know`,
      todo: `Name what it is: ${modalities[0]}=<file>.`,
    });
  });
  const twice = named.find(([name], index) => named.findIndex(([other]) => other === name) !== index);
  if (twice)
    fail('bad-argument', { where: twice[1].path, expected: 'each modality once', got: `${twice[0]} twice` });
  return { id: basename(dirname(named[0]![1].path)), modalities: Object.fromEntries(named) };
}
