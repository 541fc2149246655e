import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeFolderAtomic } from '../../base/folder.node.js';
import { requireReplaceable } from '../../base/protected-inputs.node.js';
import { fingerprintOfFiles } from '../../datasets/fingerprint.node.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { formatNamed } from '../../imaging/formats/formats.js';
import { volumeFileBytes } from '../../imaging/formats/volume-file.node.js';
import type { Volume } from '../../imaging/volume.js';
import type { SeriesFormat } from '../../imaging/volume-format.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import type { TranslateSettings, Translation } from '../translation-job.js';
import { isOccupied, requireOurSeries } from './existing-outputs.js';
import { writeMarked } from './marked-file.js';
import { type Provenance, type SidecarFacts, writeSidecar } from './sidecar.js';

/** A synthetic volume to write. */
interface SyntheticOutput extends SidecarFacts {
  readonly volume: Volume;
  readonly translation: Translation;
  readonly provenance: Provenance;
}

/**
 * Writes a synthetic volume and its sidecar: a file, or a folder with a series in the study of its source.
 *
 * @throws UtadError io when the folder cannot be written; bad-value when a value does not fit the voxel type.
 */
export function writeSynthetic(output: SyntheticOutput, settings: OutputSettings): Promise<void> {
  const format = formatNamed(settings.format);
  return format.kind === 'series' ? writeSeries(output, format, settings) : writeFile(output, settings);
}

type OutputSettings = Pick<TranslateSettings, 'format' | 'datatype' | 'model'>;

async function writeSeries(
  output: SyntheticOutput,
  format: SeriesFormat,
  { model }: OutputSettings,
): Promise<void> {
  const { target, source, out } = output.translation;
  const { write } = await format.load();
  const files = write(output.volume, {
    target,
    sources: [source],
    model: basename(model.path),
    codeVersion: packageVersion(),
    now: new Date(),
    randomUuid: randomUUID,
  });
  await requireOurSeries(out, format);
  await requireReplaceable(out);
  await rm(out, { recursive: true, force: true });
  await withoutLoneSidecar(out, async () => {
    await writeSidecar(out, fingerprintOfFiles(files), output.provenance, output);
    await writeFolderAtomic(out, files);
  });
}

async function writeFile(output: SyntheticOutput, { datatype }: OutputSettings): Promise<void> {
  const { translation, provenance, metadata } = output;
  const { target, source, out } = translation;
  const bytes = await volumeFileBytes(out, output.volume, {
    datatype,
    description: `${provenance.spread ? 'spread of ' : ''}synthetic ${target} from ${source}, utad-net ${metadata.codeVersion}`,
  });
  await withoutLoneSidecar(out, () =>
    writeMarked(out, bytes, (fingerprint) => writeSidecar(out, fingerprint, provenance, output)),
  );
}

/** What cannot be written leaves no sidecar without a volume. */
async function withoutLoneSidecar(out: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(await isOccupied(out))) await rm(sidecarOf(out), { force: true }).catch(() => undefined);
    throw error;
  }
}
