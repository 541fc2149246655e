import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.node.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { writeDicomFolder } from '../../imaging/formats/dicom/dicom-files.node.js';
import type { DicomSource } from '../../imaging/formats/dicom/source.js';
import { writeDicomSeries } from '../../imaging/formats/dicom/write-series.js';
import { volumeFileBytes } from '../../imaging/formats/volume-file.node.js';
import type { Volume } from '../../imaging/volume.js';
import { describeSource } from '../../imaging/volume-source.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import { fingerprintOfFiles } from '../../jobs/fingerprint.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import type { TranslateSettings, Translation } from '../translation-job.js';
import { isSidecar, type Provenance, writeSidecar } from './sidecar.js';

/**
 * Writes a made volume and its sidecar: a NIfTI file, or a folder with a DICOM series on the grid of its source.
 *
 * @param source the volume that it was made of
 * @throws UtadError io when the folder cannot be written; bad-value when a value does not fit the voxel type.
 */
export async function writeMade(
  made: Volume,
  source: Volume,
  translation: Translation,
  provenance: Provenance,
  settings: TranslateSettings,
  metadata: ModelMetadata,
  warnings: readonly string[],
  check?: object,
): Promise<void> {
  const { out } = translation;
  const sidecar = (fingerprint: string) => (): Promise<void> =>
    writeSidecar(sidecarOf(out), out, fingerprint, provenance, metadata, warnings, check);
  if (settings.format === 'dicom') {
    const files = seriesOf(made, source, translation, settings);
    await requireReplaceable(out);
    await withSidecar(out, sidecar(fingerprintOfFiles(files)), async () => {
      await rm(out, { recursive: true, force: true });
      await writeDicomFolder(out, files);
    });
    return;
  }
  const bytes = await volumeFileBytes(out, made, {
    datatype: settings.datatype,
    description: `${provenance.spread ? 'spread of ' : ''}synthetic ${translation.target} from ${translation.source}, utad-net ${metadata.codeVersion}`,
  });
  const fingerprint = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await withSidecar(out, sidecar(fingerprint), () => writeFileAtomic(out, bytes));
}

/** Writes the sidecar, then the volume; what cannot be written leaves no sidecar without a volume. */
async function withSidecar(
  out: string,
  sidecar: () => Promise<void>,
  volume: () => Promise<void>,
): Promise<void> {
  await sidecar();
  try {
    await volume();
  } catch (error) {
    const there = await stat(out).then(Boolean, () => false);
    if (!there) await rm(sidecarOf(out), { force: true }).catch(() => undefined);
    throw error;
  }
}

function seriesOf(
  made: Volume,
  source: Volume,
  { target, source: modality, from }: Translation,
  { model }: TranslateSettings,
): Map<string, Uint8Array> {
  return writeDicomSeries(made, seriesOrigin(source, from), {
    target,
    sources: [modality],
    model: basename(model.path),
    codeVersion: packageVersion(),
    now: new Date(),
    randomUuid: randomUUID,
  });
}

function seriesOrigin({ origin }: Volume, from: Translation['from']): DicomSource {
  return origin.format === 'dicom' ? origin.series : refuseSource(describeSource(from));
}

/** Refuses to replace a folder unless it holds a series that this program wrote, and nothing else. */
async function requireReplaceable(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []);
  const ours = names.every((name) => /^\d+\.dcm$/.test(name)) && (await isSidecar(sidecarOf(out)));
  if (names.length === 0 || ours) return;
  fail('bad-argument', {
    where: out,
    expected: 'a new or empty folder, or a series that utad translate made',
    got: 'something else',
    todo: 'Choose another folder.',
  });
}

/** DICOM images need a study, a patient and a frame of reference, which only a DICOM source has. */
export function refuseSource(where: string): never {
  return fail('bad-argument', {
    where,
    expected: 'a DICOM series, whose patient and study --format dicom writes into',
    got: 'another file',
    todo: 'Leave --format out: what comes out is NIfTI then.',
  });
}
