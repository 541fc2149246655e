import { z } from 'zod';
import { convertEarlier } from '../base/earlier-fields.js';
import { fail, refuse } from '../base/errors.js';
import { readInput, requireNewFile, writeFileAtomic } from '../base/files.node.js';
import { isRecord } from '../base/is-record.js';
import { bratsModalities } from '../datasets/case.js';
import {
  decodeCheckedSafetensors,
  encodeCheckedSafetensors,
} from '../engine/files/checked-safetensors.node.js';
import { requireWholeModel, withModelChecksum } from '../engine/files/model-checksum.node.js';
import { type PackedWeights, packWeights } from '../engine/onnx/pack-weights.js';
import { defaultRecipe } from '../imaging/recipe.js';
import { modalityOfName } from '../imaging/words/modality-name.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { earlierTrainingFields } from '../training/earlier-configuration.js';
import { type FoundGenerator, findGenerator } from '../translate/generator-weights.js';
import { type ModelMetadata, modelFormatVersion } from '../translate/model-metadata.js';
import { writeModel } from '../translate/write-model.js';

interface WeightsCommandOptions {
  readonly out: string;
  readonly modalities?: string;
  readonly side?: string;
  readonly fieldOfView?: string;
  readonly teacher?: boolean;
  readonly half?: boolean;
  readonly int8?: boolean;
  readonly force?: boolean;
}

export async function convertWeights(path: string, options: WeightsCommandOptions): Promise<void> {
  const { out, force } = options;
  const kind = /\.(safetensors|onnx)$/i.exec(out)?.[1]?.toLowerCase();
  if (kind === undefined) {
    fail('bad-argument', {
      where: '--out',
      expected: 'a name that ends in .safetensors or .onnx',
      got: out,
    });
  }
  if (force !== true) await requireNewFile(out);
  const packing = packingOf(options, kind);
  const bytes = await readInput(path);
  if (/\.onnx$/i.test(path)) {
    requireWholeModel(bytes, path);
    await writeSmaller(bytes, path, packing, kind, options);
    return;
  }
  requireNoPickle(bytes, path);
  const { tensors, metadata } = decodeCheckedSafetensors(bytes, path);
  const generator = findGenerator(tensors, path);
  const said = configurationIn(metadata, path);
  refuseUselessOptions(options, kind, said !== null);
  const { modalityCount, baseChannels: features, levels, contextSlices = 0 } = generator.sizes;
  const around = contextSlices === 0 ? '' : `, context slices: ${contextSlices} below and above`;
  const sizes = `${modalityCount} modalities, ${features} features, ${levels} levels${around}`;

  if (kind === 'safetensors') {
    const texts = said === null ? {} : { configuration: metadata['configuration']! };
    await writeFileAtomic(out, encodeCheckedSafetensors(generator.tensors, texts));
    console.log(`${out}: ${Object.keys(generator.tensors).length} tensors, ${sizes}`);
    return;
  }
  const isTeacher = options.teacher === true || metadata['stage'] === 'teacher';
  const described = describeModel(generator, said, options, path, isTeacher);
  await writeFileAtomic(out, withModelChecksum(writeModel(generator.tensors, described, packing)));
  console.log(`${out}: model for ${described.model.modalities.join(', ')}, ${sizes}`);
  console.error(
    `utad: translated volumes will have values from 0 to 1: ${path} does not say a scanner's intensities.`,
  );
  if (isTeacher)
    console.error('utad: this is a teacher, which is given tumour masks; a student translates without.');
}

/** How the kernels are to lie in the model file. */
function packingOf({ half, int8 }: WeightsCommandOptions, kind: string): 'float32' | PackedWeights {
  if (half && int8)
    refuse('bad-argument', {
      where: '--half, --int8',
      problem: 'these exclude each other',
      todo: 'Leave one out.',
    });
  const packing = half ? 'float16' : int8 ? 'int8' : 'float32';
  if (kind !== 'onnx' && packing !== 'float32') {
    refuse('bad-argument', {
      where: half ? '--half' : '--int8',
      problem: 'weights without a network stay in full precision',
      todo: 'Give an --out that ends in .onnx, or leave this option out.',
    });
  }
  return packing;
}

/** A model or segmenter file with fewer bits for its kernels; what it says of itself stays. */
async function writeSmaller(
  bytes: Uint8Array,
  path: string,
  packing: 'float32' | PackedWeights,
  kind: string,
  options: WeightsCommandOptions,
): Promise<void> {
  if (packing === 'float32' || kind !== 'onnx') {
    return refuse('bad-argument', {
      where: path,
      problem: 'a model file can only be packed',
      todo: 'Give --half or --int8 and an --out that ends in .onnx, or a checkpoint.',
    });
  }
  refuseUselessOptions(options, kind, true);
  const { file, packed } = packWeights(bytes, packing, path);
  if (packed === 0) {
    refuse('bad-value', {
      where: path,
      problem: 'its kernels are packed already',
      todo: 'Give the file that they were packed from.',
    });
  }
  await writeFileAtomic(options.out, withModelChecksum(file));
  const megabytes = ({ length }: Uint8Array): string => `${(length / 1e6).toFixed(2)} MB`;
  console.log(`${options.out}: ${packed} kernels packed, ${megabytes(bytes)} → ${megabytes(file)}`);
}

function refuseUselessOptions(options: WeightsCommandOptions, kind: string, said: boolean): void {
  if (kind === 'onnx' && !said) return;
  for (const [name, value] of [
    ['--modalities', options.modalities],
    ['--side', options.side],
    ['--field-of-view', options.fieldOfView],
    ['--teacher', options.teacher],
  ] as const) {
    if (value === undefined) continue;
    const problem = said ? 'the file itself contains this' : 'has no effect on weights without a network';
    refuse('bad-argument', { where: name, problem, todo: `Leave ${name} out.` });
  }
}

/** The fields of a training configuration that a model file needs. */
const saidSchema = z.object({
  model: z.object({ modalities: z.array(z.string()).min(2), sliceSide: z.int() }),
  data: z.object({
    preparation: z.object({
      fieldOfViewMm: z.number(),
      lowPercentile: z.number(),
      highPercentile: z.number(),
    }),
  }),
});

/** See {@link saidSchema}. */
type Said = z.infer<typeof saidSchema>;

function configurationIn(metadata: Readonly<Record<string, string>>, path: string): Said | null {
  const text = metadata['configuration'];
  if (text === undefined) return null;
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // null fails below, with the same message as any other wrong content.
  }
  const result = saidSchema.safeParse(
    isRecord(json) ? convertEarlier(json, earlierTrainingFields, path) : json,
  );
  if (result.success) return result.data;
  return fail('bad-file', {
    where: path,
    expected: 'a training configuration as JSON in its metadata',
    got: result.error.issues[0]!.message,
  });
}

function describeModel(
  { sizes }: FoundGenerator,
  said: Said | null,
  options: WeightsCommandOptions,
  path: string,
  isTeacher: boolean,
): ModelMetadata {
  const { modalityCount, ...network } = sizes;
  const modalities = said?.model.modalities ?? namedModalities(options.modalities, modalityCount);
  if (modalities.length !== modalityCount) {
    fail('bad-file', {
      where: path,
      expected: `${modalityCount} names of modalities, as its tensors are for`,
      got: modalities.join(', '),
    });
  }
  const sliceSide = said?.model.sliceSide ?? positive('--side', options.side, 128);
  const recipe = {
    ...defaultRecipe(sliceSide),
    ...(said?.data.preparation ?? {
      fieldOfViewMm: positive('--field-of-view', options.fieldOfView, 256),
    }),
  };
  return {
    formatVersion: modelFormatVersion,
    model: {
      modalities,
      sliceSide,
      ...network,
      ...(isTeacher ? { tumourMask: true } : {}),
    },
    recipe,
    valueRanges: Object.fromEntries(modalities.map((name) => [name, { low: 0, high: 1 }])),
    training: null,
    codeVersion: packageVersion(),
    created: new Date().toISOString(),
  };
}

function namedModalities(given: string | undefined, count: number): string[] {
  if (given !== undefined) return given.split(',').map((name) => modalityOfName(name.trim()));
  if (count === bratsModalities.length) return [...bratsModalities];
  return fail('bad-argument', {
    where: '--modalities',
    expected: `${count} names with commas between, in the order of training`,
    got: 'nothing',
  });
}

function positive(where: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  return fail('bad-argument', { where, expected: 'a number above 0', got: String(text) });
}

function requireNoPickle(bytes: Uint8Array, path: string): void {
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  // An old pickle begins with 0x80 and its version; as a safetensors header's length that would be gigabytes.
  const pickle = bytes[0] === 0x80 && bytes[1]! <= 5 && bytes.subarray(4, 8).some((byte) => byte !== 0);
  if (!zip && !pickle) return;
  fail('not-supported', {
    where: path,
    expected: 'a safetensors file',
    got: "what looks like PyTorch's own format",
    todo: 'Convert it in Python: safetensors.torch.save_file(torch.load(path, weights_only=True), out).',
  });
}
