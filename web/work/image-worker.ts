import { zipSync } from 'fflate';
import { fail } from '../../src/base/errors.js';
import { createFrameDecoder } from '../../src/imaging/formats/dicom/codecs.js';
import { type DicomWriteOptions, writeDicomSeries } from '../../src/imaging/formats/dicom/write-series.js';
import { writeNifti } from '../../src/imaging/formats/nifti/write.js';
import { type Grid, regrid } from '../../src/imaging/regrid.js';
import type { Volume } from '../../src/imaging/volume.js';
import { likelyModality } from '../../src/translate/modality-evidence.js';
import type { ModelMetadata } from '../../src/translate/model-metadata.js';
import { readMasklessModelMetadata } from '../../src/translate/read-model.js';
import { prepareSource } from '../../src/translate/translate-volume.js';
import { type Served, serve, type Tell } from '../channel/serve.js';
import { factsOf } from '../picture/content.js';
import type { DroppedFile, DroppedVolume, ReadNews } from '../picture/dropped.js';
import { codecFiles } from './codec-files.js';
import { type ComparisonRequest, compareVolumes } from './compare.js';
import { type Drop, readDropped, readSeriesOf } from './read-files.js';

const decode = createFrameDecoder({ locateWasm: (name) => codecFiles[name] ?? name });
const drops = new Map<number, Drop>();

const volumeAnswer = <Result>(result: Result, ...data: Float32Array[]): Served<Result> => ({
  result,
  transfer: data.map(({ buffer }) => buffer),
});

/** Everything about images that takes longer than a frame. */
const handlers = {
  /** Reads dropped files; volumes come as news. */
  read: async (
    { drop, files }: { drop: number; files: readonly DroppedFile[] },
    tell: Tell<ReadNews>,
  ): Promise<Served<null>> => {
    drops.set(drop, await readDropped(drop, files, decode, tell));
    return { result: null };
  },
  /** Reads one more DICOM series of a drop. */
  readSeries: async ({ drop, name }: { drop: number; name: string }): Promise<Served<DroppedVolume>> => {
    const read = await readSeriesOf(drops.get(drop) ?? { listings: [] }, name, decode);
    return volumeAnswer(read, read.volume.data);
  },
  /** Forgets all dropped files. */
  forget: async (_: null): Promise<Served<null>> => {
    drops.clear();
    return { result: null };
  },
  /** Reads what a model file says of itself. */
  readModel: async ({ file, name }: { file: Blob; name: string }): Promise<Served<ModelMetadata>> => ({
    result: readMasklessModelMetadata(new Uint8Array(await file.arrayBuffer()), name),
  }),
  /** The modality that a volume's intensities are like; null where they are like several or do not fit the model. */
  likely: async ({
    volume,
    metadata,
  }: {
    volume: Volume;
    metadata: ModelMetadata;
  }): Promise<Served<string | null>> => {
    try {
      const prepared = prepareSource(volume, metadata, { source: metadata.model.modalities[0]! });
      return { result: likelyModality(prepared, metadata) ?? null };
    } catch {
      return { result: null };
    }
  },
  /** A volume on another grid, for showing. */
  regrid: async ({
    volume,
    grid,
    method,
  }: {
    volume: Volume;
    grid: Grid;
    method: 'nearest' | 'linear';
  }): Promise<Served<Volume>> => {
    const result = regrid(volume, grid, method, 0);
    return volumeAnswer(result, result.data);
  },
  facts: async ({ volume }: { volume: Volume }) => ({ result: factsOf(volume) }),
  compare: async (request: ComparisonRequest) => {
    const result = compareVolumes(request);
    return volumeAnswer(result, result.difference);
  },
  /** A NIfTI file as the command line writes it. */
  writeNifti: async ({
    volume,
    description,
  }: {
    volume: Volume;
    description: string;
  }): Promise<Served<Uint8Array<ArrayBuffer>>> => {
    const bytes = writeNifti(volume, { gzip: true, description }) as Uint8Array<ArrayBuffer>;
    return { result: bytes, transfer: [bytes.buffer] };
  },
  /** A ZIP with a DICOM series as the command line writes it. */
  writeDicom: async ({
    volume,
    folder,
    options,
  }: {
    volume: Volume;
    folder: string;
    options: Omit<DicomWriteOptions, 'now' | 'randomUuid'>;
  }): Promise<Served<Uint8Array<ArrayBuffer>>> => {
    const { origin } = volume;
    if (origin.format !== 'dicom')
      fail('bad-argument', { where: folder, expected: 'a volume of a DICOM series', got: 'another one' });
    const series = writeDicomSeries(volume, origin.series, {
      ...options,
      now: new Date(),
      randomUuid: () => crypto.randomUUID(),
    });
    const files = [...series].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const);
    const zip = zipSync(Object.fromEntries(files), { level: 6 }) as Uint8Array<ArrayBuffer>;
    return { result: zip, transfer: [zip.buffer] };
  },
};

/** What the image worker offers. */
export type ImageWork = typeof handlers;

serve(self as never, handlers);
