import { requireArguments } from '../../../base/arguments.js';
import { fail } from '../../../base/errors.js';
import type { Volume } from '../../volume.js';
import { createFrameDecoder, type FrameDecoder } from './codecs.js';
import { showFrame } from './instance.js';
import { type DicomLimits, dicomLimits } from './limits.js';
import { type DicomFile, readPart10 } from './part10.js';
import { readFrameValues } from './pixels.js';
import { isProblem, listSome, type SlicePlan } from './plan-slices.js';
import type { DicomSeries } from './series.js';
import { type DicomOrigin, sourceOf } from './source.js';

/** Gives a file's bytes by the name that its instance carries. */
export type ReadDicomFile = (file: string) => Promise<Uint8Array>;

export interface ReadVolumeOptions {
  readonly limits?: Partial<DicomLimits>;
  /** Unpacks compressed frames; made anew unless given. */
  readonly decode?: FrameDecoder;
}

/** A volume that knows the DICOM series it came from. */
export type DicomVolume = Volume & { readonly origin: DicomOrigin };

/**
 * The plan of a series, when nothing is wrong with it.
 *
 * @throws UtadError bad-file or not-supported naming the series, what is wrong and in which files.
 */
export function requirePlan(series: DicomSeries): SlicePlan {
  const { plan } = series;
  if (!isProblem(plan)) return plan;
  const { kind, expected, got, todo } = plan;
  const unread = ['colour', 'unsupported-pixels', 'too-few-slices', 'mosaic'].includes(kind);
  return fail(unread ? 'not-supported' : 'bad-file', { where: showSeries(series), expected, got, todo });
}

/** A series as people find it: `series 5 “t1_mprage_sag”`. */
export function showSeries(series: Pick<DicomSeries, 'name' | 'description'>): string {
  return `series ${series.name} “${series.description}”`;
}

/**
 * Reads the pixels of a series into a volume: columns, rows, slices upwards along the slice normal, values with
 * slope and intercept applied. Padding becomes 0; MONOCHROME1 is turned around between the volume's own extremes,
 * so that its background is the least value.
 *
 * @throws UtadError as {@link requirePlan}, or bad-file when pixels are cut off or cannot be decoded.
 */
export async function readDicomVolume(
  series: DicomSeries,
  readFile: ReadDicomFile,
  options: ReadVolumeOptions = {},
): Promise<DicomVolume> {
  requireArguments('readDicomVolume', {
    series: [series, 'object'],
    readFile: [readFile, 'function'],
    options: [options, 'object'],
  });
  requireArguments('readDicomVolume', {
    'series.plan': [series.plan, 'object'],
    'series.frames': [series.frames, 'list'],
    'options.limits': [options.limits, 'object?'],
    'options.decode': [options.decode, 'function?'],
  });
  const plan = requirePlan(series);
  const limits = dicomLimits(options.limits);
  const [columns, rows, slices] = plan.size;
  if (columns * rows * slices > limits.voxels) {
    fail('not-supported', {
      where: showSeries(series),
      expected: `at most ${limits.voxels} voxels`,
      got: plan.size.join('×'),
      todo: 'Check the series, or raise the limit.',
    });
  }
  const decode = options.decode ?? createFrameDecoder();
  const opened = new LastFile(readFile, limits);
  const values: Float32Array[] = [];
  const paddings: (Uint8Array | undefined)[] = [];
  const excessive: string[] = [];
  for (const frame of plan.frames) {
    const file = await opened.open(frame.file);
    if (file.dataSet.text('SOPInstanceUID') !== frame.sopInstanceUid) {
      fail('bad-file', {
        where: showFrame(frame),
        expected: `the image ${frame.sopInstanceUid ?? 'without a SOPInstanceUID'}`,
        got: 'another: the file changed while it was read',
        todo: 'Try again.',
      });
    }
    const { values: slice, padding, excessBytes } = await readFrameValues(file, frame, decode);
    if (excessBytes > 0) excessive.push(showFrame(frame));
    values.push(slice);
    paddings.push(padding);
  }
  const data = new Float32Array(columns * rows * slices);
  for (const [index, slice] of values.entries()) data.set(slice, index * columns * rows);
  const inverted = plan.frames.filter(({ format }) => format.photometric === 'MONOCHROME1').length;
  if (inverted > 0 && inverted < slices) {
    fail('bad-file', {
      where: showSeries(series),
      expected: 'one PhotometricInterpretation',
      got: `MONOCHROME1 in ${inverted} of ${slices} images`,
      todo: 'Export the series again.',
    });
  }
  finishValues(data, paddings, inverted > 0);
  const notes = [...series.notes, ...(excessive.length === 0 ? [] : [excessNote(excessive)])];
  return {
    data,
    size: plan.size,
    affineVoxelToWorld: plan.affineVoxelToWorld,
    origin: { format: 'dicom', series: sourceOf(series, plan) },
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function excessNote(frames: readonly string[]): string {
  const images = frames.length === 1 ? '1 image has' : `${frames.length} images have`;
  return `${images} bytes behind the end of the compressed pixels, which were ignored: ${listSome(frames)}`;
}

function finishValues(
  data: Float32Array,
  paddings: readonly (Uint8Array | undefined)[],
  inverted: boolean,
): void {
  const length = data.length / paddings.length;
  const isPadding = (index: number): boolean => paddings[Math.floor(index / length)]?.[index % length] === 1;
  const padded = paddings.some((padding) => padding?.includes(1));
  if (inverted) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < data.length; i++) {
      if (padded && isPadding(i)) continue;
      low = Math.min(low, data[i]!);
      high = Math.max(high, data[i]!);
    }
    for (let i = 0; i < data.length; i++) data[i] = low + high - data[i]!;
  }
  if (!padded) return;
  for (let i = 0; i < data.length; i++) if (isPadding(i)) data[i] = 0;
}

/** Keeps the file that was opened last, which a multi-frame series asks for again and again. */
class LastFile {
  private last: { readonly name: string; readonly file: DicomFile } | undefined;

  constructor(
    private readonly readFile: ReadDicomFile,
    private readonly limits: DicomLimits,
  ) {}

  async open(name: string): Promise<DicomFile> {
    if (this.last?.name !== name) {
      this.last = { name, file: readPart10(await this.readFile(name), name, this.limits) };
    }
    return this.last.file;
  }
}
