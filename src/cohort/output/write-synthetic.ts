import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
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
import type { TranslateSettings, Translation } from '../translation-job.js';
import { isOccupied, requireOurSeries } from './existing-outputs.js';
import { type Provenance, type SidecarFacts, writeSidecar } from './sidecar.js';

/** A synthetic volume to write. */
export interface SyntheticOutput extends SidecarFacts {
  readonly volume: Volume;
  /** The scan on whose grid it is; a DICOM series is written into its study. */
  readonly source: Volume;
  readonly translation: Translation;
  readonly provenance: Provenance;
}

/**
 * Writes a synthetic volume and its sidecar: a NIfTI file, or a folder with a DICOM series.
 *
 * @throws UtadError io when the folder cannot be written; bad-value when a value does not fit the voxel type.
 */
export function writeSynthetic(
  output: SyntheticOutput,
  settings: Pick<TranslateSettings, 'format' | 'datatype' | 'model'>,
): Promise<void> {
  return settings.format === 'dicom' ? writeSeries(output, settings) : writeNiftiFile(output, settings);
}

async function writeSeries(
  output: SyntheticOutput,
  { model }: Pick<TranslateSettings, 'model'>,
): Promise<void> {
  const { target, source: modality, from, out } = output.translation;
  const files = writeDicomSeries(output.volume, seriesOrigin(output.source, from), {
    target,
    sources: [modality],
    model: basename(model.path),
    codeVersion: packageVersion(),
    now: new Date(),
    randomUuid: randomUUID,
  });
  await requireOurSeries(out);
  await withSidecar(output, fingerprintOfFiles(files), async () => {
    await rm(out, { recursive: true, force: true });
    await writeDicomFolder(out, files);
  });
}

async function writeNiftiFile(
  output: SyntheticOutput,
  { datatype }: Pick<TranslateSettings, 'datatype'>,
): Promise<void> {
  const { translation, provenance, metadata } = output;
  const { target, source, out } = translation;
  const bytes = await volumeFileBytes(out, output.volume, {
    datatype,
    description: `${provenance.spread ? 'spread of ' : ''}synthetic ${target} from ${source}, utad-net ${metadata.codeVersion}`,
  });
  const fingerprint = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await withSidecar(output, fingerprint, () => writeFileAtomic(out, bytes));
}

/** Writes the sidecar, then the volume; what cannot be written leaves no sidecar without a volume. */
async function withSidecar(
  output: SyntheticOutput,
  fingerprint: string,
  writeVolume: () => Promise<void>,
): Promise<void> {
  const { out } = output.translation;
  await writeSidecar(out, fingerprint, output.provenance, output);
  try {
    await writeVolume();
  } catch (error) {
    if (!(await isOccupied(out))) await rm(sidecarOf(out), { force: true }).catch(() => undefined);
    throw error;
  }
}

function seriesOrigin({ origin }: Volume, from: Translation['from']): DicomSource {
  return origin.format === 'dicom' ? origin.series : refuseSource(describeSource(from));
}

/** DICOM images need a study, a patient and a frame of reference, which only a DICOM source has. */
export function refuseSource(where: string): never {
  return fail('bad-argument', {
    where,
    expected: 'a DICOM series, into whose study --format dicom writes',
    got: 'another file',
    todo: 'Leave out --format to write NIfTI.',
  });
}
